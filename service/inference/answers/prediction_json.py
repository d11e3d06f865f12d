"""Writes a prediction as JSON; the API adds the model that made it, and translates the notes."""

import base64
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from service.domain.nonfinite import finite_or_none
from service.inference.answers.predictor import Prediction
from service.inference.pictures.report import REMOVED, UNCHANGED, WARNINGS, PreparationReport
from service.inference.pictures.scaling import to_bytes


def prediction_json(prediction: Prediction, report: PreparationReport) -> dict[str, Any]:
    """Return a prediction ready for JSON: numbers that are not finite are ``None``, with ``nonfinite`` beside them."""
    content: dict[str, Any] = {
        "digit": prediction.digit,
        "confidence": finite_or_none(prediction.confidence),
        "probabilities": prediction.probabilities,
        "top_k": [{"digit": digit, "probability": share} for digit, share in prediction.top_k],
        "input": _UNCHANGED_INPUT
        if report is UNCHANGED and not prediction.doubts
        else _input(report, prediction.doubts),
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
    return png_url(to_bytes(row))


def steps_json(report: PreparationReport, row: NDArray[np.float32]) -> list[dict[str, str]]:
    """Return the steps of a traced preparation, each with a PNG in a data URL; the last is the network's input.

    Shapes:
        row: (784,), from 0 to 1.
    """
    return [{"name": name, "png": png_url(pixels)} for name, pixels in (*report.steps, ("input", to_bytes(row)))]


def png_url(pixels: NDArray[np.uint8]) -> str:
    """Return a picture in shades of grey as a PNG in a data URL."""
    stream = BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode("ascii")


def _input(report: PreparationReport, doubts: tuple[str, ...] = ()) -> dict[str, Any]:
    warnings = sorted({*report.warnings, *doubts})
    return {
        "width": report.width,
        "height": report.height,
        "prepare": report.prepare,
        "method": report.method,
        "inverted": report.inverted,
        "crop": report.crop,
        "shift": report.shift,
        "removed": report.removed,
        "warnings": warnings,
        "notes": [*_notes("warning", warnings, WARNINGS), *_notes("removed", report.removed, REMOVED)],
    }


def _notes(kind: str, codes: Sequence[str], messages: Mapping[str, str]) -> Iterator[dict[str, str]]:
    return ({"kind": kind, "code": code, "message": messages[code]} for code in codes)


_UNCHANGED_INPUT = _input(UNCHANGED)
