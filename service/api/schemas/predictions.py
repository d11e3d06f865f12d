"""The OpenAPI description of predictions, whose routes read their requests themselves."""

from typing import Any, get_args

from service.api.http.openapi import Schema
from service.inference.pictures.report import REMOVED, STEPS, WARNINGS, Method, Prepare

#: An image of a one, 28×28, as in MNIST.
PIXELS = [[0] * 13 + [255 if 4 <= row < 24 else 0] * 3 + [0] * 12 for row in range(28)]  # noqa: PLR2004  # 20 rows of ink
PICTURE = (
    "iVBORw0KGgoAAAANSUhEUgAAABwAAAAcCAAAAABXZoBIAAAAG0lEQVR42mNgoD9gROH9RxVgwqdzVHJUcuAAAOxDAShSPMW8AAAAAElFTkSuQmCC"
)

_BINARY: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}, "example": "(its bytes)"}
_PICTURES = ("png", "jpeg", "webp", "bmp", "gif")
_PREPARE: Schema = {"type": "string", "enum": list(get_args(Prepare))}
_NUMBER = {"type": "number"}
_ROWS: Schema = {"type": "array", "items": {"type": "array", "items": _NUMBER}}
_SOURCE: dict[str, Schema] = {
    "model": {"type": ["string", "null"]},
    "version": {"type": ["integer", "null"]},
    "checkpoint_id": {"type": ["string", "null"]},
    "job_id": {"type": "string", "description": "With `job`: the job whose weights made the prediction."},
    "step": {"type": ["integer", "null"], "description": "With `job`: the step after which these weights were taken."},
}
_ALWAYS = ["model", "version", "checkpoint_id"]


def _object(required: list[str], properties: dict[str, Schema], **more: object) -> Schema:
    return {"type": "object", "required": required, "properties": properties, **more}


def _reference(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _one_of(*names: str) -> Schema:
    return {"oneOf": [_reference(name) for name in names]}


_PREDICTION: dict[str, Schema] = {
    "digit": {"type": ["integer", "null"], "description": "Null if there is no answer, as for a blank image."},
    "confidence": {
        "type": ["number", "null"],
        "description": "The network's softmax output for the digit: not the probability that the digit is right.",
    },
    "probabilities": {"type": "array", "items": {"type": ["number", "null"]}, "minItems": 10, "maxItems": 10},
    "top_k": {
        "type": "array",
        "description": "The `top_k` digits with the highest probabilities, highest first; empty for a blank image.",
        "items": _reference("RankedOut"),
    },
    "input": _reference("PreparationOut"),
    "trace": {
        "type": "string",
        "description": "With `trace=true`: the network's input of 28×28 pixels, as a PNG data URL.",
    },
    "steps": {
        "type": "array",
        "items": _reference("TraceStepOut"),
        "description": "With `trace=true`: what the preparation did, as small pictures, in order.",
    },
    "saliency": {
        **_ROWS,
        "description": "With `explain=saliency`: the gradient of the winning output by each of the 28×28 pixels.",
    },
    "activations": {
        "type": "array",
        "items": {"type": "array", "items": {"type": ["number", "null"]}},
        "description": "With `explain=activations`: the outputs of each layer for this image, first layer first, with "
        "four significant digits.",
    },
    "nonfinite": {"type": "string", "enum": ["nan", "inf", "-inf"]},
}
_PREDICTED = ["digit", "confidence", "probabilities", "top_k", "input"]

#: The schemas of predictions by their names.
SCHEMAS: dict[str, Schema] = {
    "PixelsIn": _object(
        ["pixels"],
        {
            "pixels": {
                "anyOf": [_ROWS, {"type": "array", "items": _NUMBER}],
                "description": "28×28 or 784 numbers: from 0 to 255, or from 0 to 1 if none is above 1.",
            }
        },
        additionalProperties=False,
    ),
    "PictureIn": _object(
        ["image"],
        {"image": {"type": "string", "description": "An image as base64, base64url or a data: URL."}},
        additionalProperties=False,
    ),
    "BatchIn": _object(
        ["instances"],
        {"instances": {"type": "array", "items": _one_of("PixelsIn", "PictureIn"), "minItems": 1}},
        additionalProperties=False,
    ),
    "FileIn": _object(["file"], {"file": {**_BINARY["schema"], "description": "The image."}}),
    "PredictIn": _one_of("PixelsIn", "PictureIn", "BatchIn"),
    "RankedOut": _object(["digit", "probability"], {"digit": {"type": "integer"}, "probability": _NUMBER}),
    "PreparationOut": _object(
        ["width", "height", "prepare", "method", "inverted", "crop", "shift", "removed", "warnings", "notes"],
        {
            "width": {"type": "integer"},
            "height": {"type": "integer"},
            "prepare": {**_PREPARE, "description": "What the client chose."},
            "method": {
                "type": "string",
                "enum": sorted(get_args(Method)),
                "description": "What was done: `none` but an inversion; the digit of a 28×28 was `centred`; it was "
                "`found` in a picture; or the whole picture was `scaled`.",
            },
            "inverted": {"type": "boolean"},
            "crop": {"type": ["array", "null"], "items": {"type": "integer"}},
            "shift": {"type": ["array", "null"], "items": {"type": "integer"}},
            "removed": {"type": "array", "items": {"type": "string", "enum": sorted(REMOVED)}},
            "warnings": {"type": "array", "items": {"type": "string", "enum": sorted(WARNINGS)}},
            "notes": {
                "type": "array",
                "items": _reference("NoteOut"),
                "description": "The warnings and what was removed, in words, in the language of `Accept-Language`.",
            },
        },
        description="How the image was preprocessed.",
    ),
    "NoteOut": _object(
        ["kind", "code", "message"],
        {
            "kind": {"type": "string", "enum": ["warning", "removed"]},
            "code": {"type": "string"},
            "message": {"type": "string"},
        },
        description="What was removed or is doubtful, and what to do.",
    ),
    "TraceStepOut": _object(
        ["name", "png"],
        {
            "name": {"type": "string", "enum": list(STEPS)},
            "png": {"type": "string", "description": "A PNG data URL."},
        },
        description="A step of the preparation: " + " ".join(f"`{name}`: {text}" for name, text in STEPS.items()),
    ),
    "InstanceOut": _object(_PREDICTED, _PREDICTION, description="The prediction for one of several images."),
    "PredictionOut": _object(
        [*_PREDICTED, *_ALWAYS], _PREDICTION | _SOURCE, description="The prediction for one image."
    ),
    "PredictionsOut": _object(
        ["predictions", *_ALWAYS],
        {"predictions": {"type": "array", "items": _reference("InstanceOut")}, **_SOURCE},
        description="The predictions for several images, in their order.",
    ),
    "PredictOut": _one_of("PredictionOut", "PredictionsOut"),
}

_JSON_BODY: dict[str, Any] = {
    "schema": _reference("PredictIn"),
    "examples": {
        "pixels": {"summary": "28×28 numbers", "value": {"pixels": PIXELS}},
        "image": {"summary": "An image as base64", "value": {"image": PICTURE}},
        "batch": {
            "summary": "Several images",
            "value": {"instances": [{"pixels": PIXELS}, {"image": PICTURE}]},
        },
    },
}


def _parameter(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": description}


_OPTIONS = [
    _parameter(
        "top_k", {"type": "integer", "minimum": 1, "maximum": 10, "default": 3}, "The number of digits in `top_k`."
    ),
    _parameter(
        "prepare",
        {**_PREPARE, "default": "auto"},
        "`auto`: a 28×28 that is laid out as MNIST's digits is read as it is, any other picture is prepared. `always`: "
        "every picture is. `never`: a 28×28 is read as it is, and another picture is scaled to 28×28 as a whole.",
    ),
    _parameter(
        "trace",
        {"type": "boolean", "default": False},
        "Return the network's input, and the steps of the preparation, as pictures.",
    ),
    _parameter(
        "explain",
        {"type": "array", "items": {"type": "string", "enum": ["saliency", "activations"]}},
        "Return the saliency map, or the outputs of each layer, as well. Repeat it for both, or separate by a comma.",
    ),
]
_REQUEST: dict[str, Any] = {
    "required": True,
    "content": {
        "application/json": _JSON_BODY,
        **{f"image/{kind}": _BINARY for kind in _PICTURES},
        "application/x-npy": _BINARY,
    },
}


def _answers(description: str, kind: str) -> dict[str, Any]:
    content = {"application/json": {"schema": _reference(kind)}}
    return {"200": {"description": description, "content": content}}


_RESPONSES = _answers("The prediction, or predictions for several images.", "PredictOut")

PREDICT: dict[str, Any] = {
    "parameters": [
        _parameter("model", {"type": "string", "default": "digits"}, "The model."),
        _parameter("alias", {"type": "string"}, "An alias of the model. Default: `live`."),
        _parameter("version", {"type": "integer", "minimum": 1}, "A version of the model, instead of an alias."),
        _parameter("checkpoint", {"type": "string"}, "A checkpoint, instead of a model's version."),
        _parameter("job", {"type": "string"}, "A job, instead of a model: its newest weights, also while it trains."),
        *_OPTIONS,
    ],
    "requestBody": _REQUEST,
    "responses": _RESPONSES,
}

_FILE = {"schema": _reference("FileIn"), "example": {"file": "(an image)"}}

PREDICT_FILE: dict[str, Any] = PREDICT | {
    "requestBody": {"required": True, "content": {"multipart/form-data": _FILE}},
    "responses": _answers("The prediction.", "PredictionOut"),
}

JOB_PREDICT: dict[str, Any] = {
    "parameters": _OPTIONS,
    "requestBody": _REQUEST,
    "responses": _RESPONSES,
}
