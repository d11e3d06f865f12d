"""Answers in TensorFlow Serving's format: the status of a version, and the metadata of its tensors."""

from typing import Any

from naivenet.datasets import PIXELS
from service.inference.requests.tensors import INPUT_NAME, OUTPUT_NAME

SIGNATURE = "serving_default"


def status_entry(version: int) -> dict[str, Any]:
    """Return a version's status. Every version that is listed can answer."""
    return {"version": str(version), "state": "AVAILABLE", "status": {"error_code": "OK", "error_message": ""}}


def model_metadata(model: str | None, version: int | None, *, output_size: int) -> dict[str, Any]:
    """Return the metadata of a version: its one signature, with the names, types and shapes of its tensors."""
    signature = {
        "inputs": {INPUT_NAME: _tensor_info(INPUT_NAME, PIXELS)},
        "outputs": {OUTPUT_NAME: _tensor_info(OUTPUT_NAME, output_size)},
        "method_name": "tensorflow/serving/predict",
        "defaults": {},
    }
    spec = {"name": model, "signature_name": "", "version": str(version)}
    return {"model_spec": spec, "metadata": {"signature_def": {"signature_def": {SIGNATURE: signature}}}}


def _tensor_info(name: str, size: int) -> dict[str, Any]:
    dim = [{"size": str(each), "name": ""} for each in (-1, size)]  # -1: a batch of any size
    return {"dtype": "DT_FLOAT", "tensor_shape": {"dim": dim, "unknown_rank": False}, "name": f"{name}:0"}
