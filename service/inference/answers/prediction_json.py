"""Writes a prediction as JSON; the API adds the model that made it."""

import base64
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from service.domain.nonfinite import finite_or_none
from service.inference.answers.predictor import Prediction
from service.inference.pictures.report import UNCHANGED, PreparationReport
from service.inference.pictures.scaling import to_bytes


def prediction_json(prediction: Prediction, report: PreparationReport) -> dict[str, Any]:
    """Return a prediction ready for JSON: numbers that are not finite are ``None``, with ``nonfinite`` beside them."""
    content: dict[str, Any] = {
        "digit": prediction.digit,
        "confidence": finite_or_none(prediction.confidence),
        "probabilities": prediction.probabilities,
        "top_k": [{"digit": digit, "probability": share} for digit, share in prediction.top_k],
        "input": _UNCHANGED_INPUT if report is UNCHANGED else _input(report),
    }
    if prediction.nonfinite is not None:
        content["probabilities"] = [finite_or_none(share) for share in prediction.probabilities]
        content["nonfinite"] = prediction.nonfinite
    return content


def trace_png(row: NDArray[np.float32]) -> str:
    """Return the network's input as a PNG in a data URL.

    Shapes:
        row: (784,), from 0 to 1.
    """
    stream = BytesIO()
    Image.fromarray(to_bytes(row)).save(stream, "PNG")
    return "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode("ascii")


def _input(report: PreparationReport) -> dict[str, Any]:
    return {
        "width": report.width,
        "height": report.height,
        "inverted": report.inverted,
        "crop": report.crop,
        "shift": report.shift,
        "removed": report.removed,
        "warnings": report.warnings,
    }


_UNCHANGED_INPUT = _input(UNCHANGED)
