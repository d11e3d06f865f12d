"""Requests of the Open Inference Protocol: one input of pixels, as JSON or as bytes, and how its scores are wanted."""

from dataclasses import dataclass
from typing import Any

from service.errors import InvalidInput
from service.inference.limits import InputLimits
from service.inference.requests.tensors import INPUT_NAME, OUTPUT_NAME, Rows, read_binary, read_flat

DATATYPE = "FP32"

_FIELDS = frozenset({"id", "inputs", "outputs", "parameters", "model_name", "model_version"})
_TENSOR_FIELDS = frozenset({"name", "shape", "datatype", "data", "parameters"})
_LARGEST_SIZE = 2**63


@dataclass(frozen=True, kw_only=True)
class InferenceRequest:
    """What a client asks.

    Attributes:
        id: Its own name for the request, to be given back.
        rows: What the network is given.
        wants_binary: Whether the scores are to come as bytes after the JSON.

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
        binary: The bytes after it.
        limits: What it may cost.

    Raises:
        InvalidInput: It is not what the protocol says, or not for this model.
        TooLarge: It has more samples than one request may.
    """
    _check_object(document, _FIELDS, "request")
    if document.get("id") is not None and type(document["id"]) is not str:
        raise InvalidInput("The id of a request is a text.")
    inputs = document.get("inputs")
    if type(inputs) is not list or len(inputs) != 1:
        raise InvalidInput(f"A request has a list of inputs with one entry, {INPUT_NAME!r}.")
    return InferenceRequest(
        id=document.get("id"),
        rows=_rows(inputs[0], binary, limits),
        wants_binary=_wants_binary(document),
    )


def _rows(tensor: Any, binary: bytes | memoryview, limits: InputLimits) -> Rows:
    _check_object(tensor, _TENSOR_FIELDS, "input")
    if tensor.get("name") != INPUT_NAME:
        raise InvalidInput(f"The model has one input, {INPUT_NAME!r}; given was {tensor.get('name')!r}.")
    if tensor.get("datatype") != DATATYPE:
        raise InvalidInput(f"{INPUT_NAME!r} is of datatype {DATATYPE}; given was {tensor.get('datatype')!r}.")
    shape = tensor.get("shape")
    if type(shape) is not list or not all(type(size) is int and 0 <= size < _LARGEST_SIZE for size in shape):
        raise InvalidInput(f"The shape of {INPUT_NAME!r} is a list of whole numbers.")
    size = _parameters(tensor).get("binary_data_size")
    if size is None and binary:
        raise InvalidInput(f"{len(binary):,} bytes follow the JSON, but no input has a binary_data_size.")
    if size is None:
        return read_flat(tensor.get("data"), shape, limits)
    if "data" in tensor or type(size) is not int or size != len(binary):
        raise InvalidInput(
            f"{INPUT_NAME!r} is to come as {size!r} bytes after the JSON, and not as data in it; "
            f"{len(binary):,} bytes follow it."
        )
    return read_binary(binary, shape, limits)


def _wants_binary(document: dict[str, Any]) -> bool:
    """What the one output says, or else what is said for all."""
    outputs = document.get("outputs") or [{"name": OUTPUT_NAME}]
    if type(outputs) is not list or len(outputs) != 1:
        raise InvalidInput(f"The model has one output, {OUTPUT_NAME!r}.")
    (output,) = outputs
    _check_object(output, {"name", "parameters"}, "requested output")
    if output.get("name") != OUTPUT_NAME:
        raise InvalidInput(f"The model has one output, {OUTPUT_NAME!r}; asked for was {output.get('name')!r}.")
    parameters = _parameters(output)
    if parameters.get("classification"):
        raise InvalidInput("The classification extension is not known here; POST /v1/predict ranks the classes.")
    wanted = parameters.get("binary_data", _parameters(document).get("binary_data_output", False))
    if type(wanted) is not bool:
        raise InvalidInput("binary_data and binary_data_output are true or false.")
    return wanted


def _parameters(claim: dict[str, Any]) -> dict[str, Any]:
    """Its parameters; the protocol lets a server pass over those that it does not know."""
    parameters = claim.get("parameters") or {}
    if type(parameters) is not dict:
        raise InvalidInput("Parameters are a JSON object.")
    return parameters


def _check_object(value: Any, known: set[str] | frozenset[str], what: str) -> None:
    if type(value) is not dict:
        raise InvalidInput(f"A {what} is a JSON object.")
    if unknown := sorted(value.keys() - known):
        raise InvalidInput(f"A {what} has no field {unknown[0]!r}; it has {', '.join(sorted(known))}.")
