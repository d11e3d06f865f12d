"""Reads inference requests of the Open Inference Protocol: one input tensor, as JSON or as bytes after it."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from service.errors import InvalidInput
from service.inference.limits import InputLimits
from service.inference.requests.tensors import FLOAT32, INPUT_NAME, OUTPUT_NAME, Dtype, Rows, read_binary, read_flat

#: Every datatype of the protocol that grey levels can have, with its little-endian numbers.
DATATYPES: Mapping[str, Dtype] = MappingProxyType(
    {
        "FP32": FLOAT32,
        "FP64": np.dtype("<f8"),
        "FP16": np.dtype("<f2"),
        "BOOL": np.dtype("?"),
        **{f"UINT{bits}": np.dtype(f"<u{bits // 8}") for bits in (8, 16, 32, 64)},
        **{f"INT{bits}": np.dtype(f"<i{bits // 8}") for bits in (8, 16, 32, 64)},
    }
)

_FIELDS = frozenset({"id", "inputs", "outputs", "parameters", "model_name", "model_version"})
_TENSOR_FIELDS = frozenset({"name", "shape", "datatype", "data", "parameters"})
_LARGEST_SIZE = 2**63


@dataclass(frozen=True, kw_only=True)
class InferenceRequest:
    """An inference request.

    Attributes:
        id: The client's name for the request, returned in the response.
        rows: The network's input.
        wants_binary: Whether the response carries the scores as bytes after the JSON.

    Shapes:
        rows: (n, 784).
    """

    id: str | None
    rows: Rows
    wants_binary: bool


def read_inference_request(document: Any, binary: bytes | memoryview, limits: InputLimits) -> InferenceRequest:
    """Read a request.

    Args:
        document: Its JSON, parsed.
        binary: The bytes after the JSON.
        limits: Its limits.

    Raises:
        InvalidInput: It breaks the protocol, or does not fit this model.
        TooLarge: It has more samples than one request may have.
    """
    _check_object(document, _FIELDS, "request")
    if document.get("id") is not None and type(document["id"]) is not str:
        raise InvalidInput("The id of a request must be a string.")
    inputs = document.get("inputs")
    if type(inputs) is not list or len(inputs) != 1:
        raise InvalidInput(f"Inputs must be a list of one input, {INPUT_NAME!r}.")
    return InferenceRequest(
        id=document.get("id"),
        rows=_rows(inputs[0], binary, limits),
        wants_binary=_wants_binary(document),
    )


def _rows(tensor: Any, binary: bytes | memoryview, limits: InputLimits) -> Rows:
    _check_object(tensor, _TENSOR_FIELDS, "input")
    dtype = _dtype_of(tensor.get("datatype"))
    shape = tensor.get("shape")
    if type(shape) is not list or not all(type(size) is int and 0 <= size < _LARGEST_SIZE for size in shape):
        raise InvalidInput(f"The shape of {INPUT_NAME!r} must be a list of integers.")
    size = _parameters(tensor).get("binary_data_size")
    if size is None and binary:
        raise InvalidInput(f"{len(binary):,} bytes follow the JSON, but the input has no binary_data_size.")
    if size is None:
        return read_flat(tensor.get("data"), shape, limits)
    if "data" in tensor or type(size) is not int or size != len(binary):
        raise InvalidInput(
            f"The binary_data_size of {INPUT_NAME!r} is {size!r}, and {len(binary):,} bytes follow the JSON; "
            "send exactly so many, and no data in the JSON."
        )
    if dtype.kind == "b" and not set(bytes(binary)) <= {0, 1}:
        raise InvalidInput(f"The BOOL bytes of {INPUT_NAME!r} must be 0 or 1; send grey levels as UINT8.")
    return read_binary(binary, shape, limits, dtype=dtype)


def _dtype_of(datatype: Any) -> Dtype:
    """Return the numbers of a datatype. The name of the input is not compared: the model has but one."""
    if datatype == "BYTES":
        raise InvalidInput(f"{INPUT_NAME!r} must be numbers, not BYTES; POST an encoded image to /v1/predict.")
    if type(datatype) is not str or datatype not in DATATYPES:
        raise InvalidInput(f"{INPUT_NAME!r} must have one of the datatypes {', '.join(DATATYPES)}, not {datatype!r}.")
    return DATATYPES[datatype]


def _wants_binary(document: dict[str, Any]) -> bool:
    """Return whether the output, or else the whole request, asks for binary data."""
    outputs = document.get("outputs") or [{"name": OUTPUT_NAME}]
    if type(outputs) is not list or len(outputs) != 1:
        raise InvalidInput(f"The model has one output, {OUTPUT_NAME!r}.")
    (output,) = outputs
    _check_object(output, {"name", "parameters"}, "requested output")
    if output.get("name") != OUTPUT_NAME:
        raise InvalidInput(f"The model has one output, {OUTPUT_NAME!r}, not {output.get('name')!r}.")
    parameters = _parameters(output)
    if parameters.get("classification"):
        raise InvalidInput("The classification extension is not supported; POST /v1/predict ranks the classes.")
    is_binary = parameters.get("binary_data", _parameters(document).get("binary_data_output", False))
    if type(is_binary) is not bool:
        raise InvalidInput("binary_data and binary_data_output must be true or false.")
    return is_binary


def _parameters(element: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters; the protocol allows a server to ignore unknown ones."""
    parameters = element.get("parameters") or {}
    if type(parameters) is not dict:
        raise InvalidInput("Parameters must be a JSON object.")
    return parameters


def _check_object(value: Any, known: set[str] | frozenset[str], what: str) -> None:
    if type(value) is not dict:
        raise InvalidInput(f"The {what} must be a JSON object.")
    if unknown := sorted(value.keys() - known):
        raise InvalidInput(f"The {what} has an unknown field {unknown[0]!r}; known are {', '.join(sorted(known))}.")
