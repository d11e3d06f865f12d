"""The answer to a prediction, ready for JSON; the API adds which model gave it."""

import base64
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from service.domain.nonfinite import finite_or_none
from service.inference.answers.predictor import Prediction
from service.inference.pictures.report import PLAIN, PreparationReport
from service.inference.pictures.scaling import to_bytes


def answer(prediction: Prediction, seen: PreparationReport) -> dict[str, Any]:
    """What a caller is told of one digit; what is not finite is ``null``, with ``nonfinite`` beside it."""
    told: dict[str, Any] = {
        "digit": prediction.digit,
        "confidence": finite_or_none(prediction.confidence),
        "probabilities": prediction.probabilities,
        "top_k": [{"digit": digit, "probability": share} for digit, share in prediction.top_k],
        "input": _PLAIN_INPUT if seen is PLAIN else _input(seen),
    }
    if prediction.nonfinite is not None:
        told["probabilities"] = [finite_or_none(share) for share in prediction.probabilities]
        told["nonfinite"] = prediction.nonfinite
    return told


def trace_png(row: NDArray[np.float32]) -> str:
    """What the network saw, as the data URL of a PNG.

    Shapes:
        row: (784,), from 0 to 1.
    """
    stream = BytesIO()
    Image.fromarray(to_bytes(row)).save(stream, "PNG")
    return "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode("ascii")


def _input(seen: PreparationReport) -> dict[str, Any]:
    return {
        "width": seen.width,
        "height": seen.height,
        "inverted": seen.inverted,
        "crop": seen.crop,
        "shift": seen.shift,
        "warnings": seen.warnings,
    }


_PLAIN_INPUT = _input(PLAIN)
