"""The OpenAPI descriptions of the serving protocols, whose routes read their requests themselves."""

from typing import Any

from service.api.protocols.tensorflow_answers import model_metadata, status_entry
from service.api.schemas.predictions import PIXELS

WANTED = 'an inference request: {"inputs": [{"name": "pixels", "shape": [1, 784], "datatype": "FP32", "data": [...]}]}'

_FLAT = [pixel / 255 for row in PIXELS for pixel in row]
_SCORES = [0.01, 0.9, 0.01, 0.01, 0.01, 0.01, 0.02, 0.01, 0.01, 0.01]


#: An object of any fields. Without the second keyword some generators make a type of none.
_OBJECT = {"type": "object", "additionalProperties": True}


def _answers(*examples: Any) -> dict[str, Any]:
    named = {f"form {number}": {"value": each} for number, each in enumerate(examples, 1)}
    content = {"schema": _OBJECT, "examples": named}
    return {"200": {"description": "The response.", "content": {"application/json": content}}}


def _body(**examples: Any) -> dict[str, Any]:
    named = {name: {"value": each} for name, each in examples.items()}
    return {"required": True, "content": {"application/json": {"schema": _OBJECT, "examples": named}}}


PREDICT = {
    "requestBody": _body(
        row={"instances": [_FLAT]},
        named={"signature_name": "serving_default", "instances": [{"pixels": _FLAT}]},
        columnar={"inputs": {"pixels": [_FLAT]}},
    ),
    "responses": _answers({"predictions": [_SCORES]}, {"outputs": [_SCORES]}),
}
STATUS = {"responses": _answers({"model_version_status": [status_entry(1)]})}
METADATA = {"responses": _answers(model_metadata("digits", 1, output_size=10))}

SERVER = {"responses": _answers({"name": "naivenet", "version": "0.1.0", "extensions": ["binary_tensor_data"]})}
LIVE = {"responses": _answers({"live": True})}
READY = {
    "responses": {
        **_answers({"ready": True}),
        "400": {"description": "The server is not ready.", "content": {"application/json": {"schema": _OBJECT}}},
    }
}
MODEL_READY = {"responses": _answers({"name": "digits", "ready": True})}
MODEL = {
    "responses": _answers(
        {
            "name": "digits",
            "versions": ["1"],
            "platform": "naivenet",
            "inputs": [{"name": "pixels", "datatype": "FP32", "shape": [-1, 784]}],
            "outputs": [{"name": "scores", "datatype": "FP32", "shape": [-1, 10]}],
        }
    )
}

_INPUT = {"name": "pixels", "shape": [1, 784], "datatype": "FP32", "data": _FLAT}
_ANSWER = {
    "model_name": "digits",
    "model_version": "1",
    "id": "42",
    "outputs": [{"name": "scores", "datatype": "FP32", "shape": [1, 10], "data": _SCORES}],
}
_LENGTH = {
    "name": "Inference-Header-Content-Length",
    "in": "header",
    "required": False,
    "schema": {"type": "integer"},
    "description": "The length of the JSON in bytes, if binary tensors follow it.",
}
_BYTES = {"schema": {"type": "string", "format": "binary"}, "example": "(JSON, then the bytes of the tensor)"}
INFER = {
    "parameters": [_LENGTH],
    "requestBody": {
        "required": True,
        "content": {
            **_body(json={"id": "42", "inputs": [_INPUT]})["content"],
            "application/octet-stream": _BYTES,
        },
    },
    "responses": _answers(_ANSWER),
}
