"""The OpenAPI description of predictions, whose routes read their requests themselves."""

from typing import Any

from service.inference.pictures.report import WARNINGS

#: An image of a one, 28×28, as in MNIST.
PIXELS = [[0] * 13 + [255 if 4 <= row < 24 else 0] * 3 + [0] * 12 for row in range(28)]  # noqa: PLR2004  # 20 rows of ink
PICTURE = (
    "iVBORw0KGgoAAAANSUhEUgAAABwAAAAcCAAAAABXZoBIAAAAG0lEQVR42mNgoD9gROH9RxVgwqdzVHJUcuAAAOxDAShSPMW8AAAAAElFTkSuQmCC"
)

_BINARY = {"schema": {"type": "string", "format": "binary"}, "example": "(its bytes)"}
_PICTURES = ("png", "jpeg", "webp", "bmp", "gif")
_NUMBERS: dict[str, Any] = {
    "type": "array",
    "items": {"type": ["number", "array"], "items": {"type": "number"}},
}
_INSTANCE: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "oneOf": [{"required": ["pixels"]}, {"required": ["image"]}],
    "properties": {
        "pixels": {
            **_NUMBERS,
            "description": "28×28 or 784 numbers: integers from 0 to 255, or floats from 0 to 1.",
        },
        "image": {"type": "string", "description": "An image as base64, base64url or a data: URL."},
    },
}
_JSON_BODY: dict[str, Any] = {
    "schema": {
        "oneOf": [
            _INSTANCE,
            {
                "type": "object",
                "additionalProperties": False,
                "required": ["instances"],
                "properties": {"instances": {"type": "array", "items": _INSTANCE, "minItems": 1}},
            },
        ]
    },
    "examples": {
        "pixels": {"summary": "28×28 numbers", "value": {"pixels": PIXELS}},
        "image": {"summary": "An image as base64", "value": {"image": PICTURE}},
        "batch": {
            "summary": "Several images",
            "value": {"instances": [{"pixels": PIXELS}, {"image": PICTURE}]},
        },
    },
}

_PREDICTION: dict[str, Any] = {
    "type": "object",
    "required": ["digit", "confidence", "probabilities", "top_k", "input"],
    "properties": {
        "digit": {
            "type": ["integer", "null"],
            "description": "Null if there is no answer, as for a blank image.",
        },
        "confidence": {
            "type": ["number", "null"],
            "description": "The network's softmax output for the digit: not the probability that the digit is right.",
        },
        "probabilities": {
            "type": "array",
            "items": {"type": ["number", "null"]},
            "minItems": 10,
            "maxItems": 10,
        },
        "top_k": {
            "type": "array",
            "description": "The `top_k` digits with the highest probabilities, highest first; empty for a blank image.",
            "items": {
                "type": "object",
                "properties": {"digit": {"type": "integer"}, "probability": {"type": "number"}},
            },
        },
        "input": {
            "type": "object",
            "description": "How the image was preprocessed.",
            "properties": {
                "width": {"type": "integer"},
                "height": {"type": "integer"},
                "inverted": {"type": "boolean"},
                "crop": {"type": ["array", "null"], "items": {"type": "integer"}},
                "shift": {"type": ["array", "null"], "items": {"type": "integer"}},
                "warnings": {"type": "array", "items": {"type": "string", "enum": sorted(WARNINGS)}},
            },
        },
        "trace": {
            "type": "string",
            "description": "With `trace=true`: the network's input of 28×28 pixels, as a PNG data URL.",
        },
        "saliency": {
            "type": "array",
            "items": {"type": "array", "items": {"type": "number"}},
            "description": "With `explain=saliency`: the gradient of the winning output by each of the 28×28 pixels.",
        },
        "nonfinite": {"type": "string", "enum": ["nan", "inf", "-inf"]},
    },
}
_SOURCE: dict[str, Any] = {
    "model": {"type": ["string", "null"]},
    "version": {"type": ["integer", "null"]},
    "checkpoint_id": {"type": ["string", "null"]},
    "job_id": {"type": "string", "description": "With `job`: the job whose weights made the prediction."},
    "step": {"type": ["integer", "null"], "description": "With `job`: the step after which these weights were taken."},
}


def _parameter(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": description}


_OPTIONS = [
    _parameter(
        "top_k", {"type": "integer", "minimum": 1, "maximum": 10, "default": 3}, "The number of digits in `top_k`."
    ),
    _parameter("trace", {"type": "boolean", "default": False}, "Return the network's input as well."),
    _parameter("explain", {"type": "string", "enum": ["saliency"]}, "Return the saliency map as well."),
]
_REQUEST: dict[str, Any] = {
    "required": True,
    "content": {
        "application/json": _JSON_BODY,
        **{f"image/{kind}": _BINARY for kind in _PICTURES},
        "application/x-npy": _BINARY,
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file"],
                "properties": {"file": {"type": "array", "items": {"type": "string", "format": "binary"}}},
            },
            "example": {"file": ["(an image)"]},
        },
    },
}
_RESPONSES: dict[str, Any] = {
    "200": {
        "description": "The prediction; for several images, a list under `predictions`.",
        "content": {
            "application/json": {
                "schema": {
                    "oneOf": [
                        {**_PREDICTION, "properties": {**_PREDICTION["properties"], **_SOURCE}},
                        {
                            "type": "object",
                            "required": ["predictions"],
                            "properties": {
                                "predictions": {"type": "array", "items": _PREDICTION},
                                **_SOURCE,
                            },
                        },
                    ]
                }
            }
        },
    }
}

PREDICT: dict[str, Any] = {
    "parameters": [
        _parameter("model", {"type": "string", "default": "digits"}, "The model."),
        _parameter("alias", {"type": "string", "default": "live"}, "An alias of the model."),
        _parameter("version", {"type": "integer", "minimum": 1}, "A version of the model, instead of an alias."),
        _parameter("checkpoint", {"type": "string"}, "A checkpoint, instead of a model's version."),
        _parameter("job", {"type": "string"}, "A job, instead of a model: its newest weights, also while it trains."),
        *_OPTIONS,
    ],
    "requestBody": _REQUEST,
    "responses": _RESPONSES,
}

JOB_PREDICT: dict[str, Any] = {
    "parameters": _OPTIONS,
    "requestBody": _REQUEST,
    "responses": _RESPONSES,
}
