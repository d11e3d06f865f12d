"""What the OpenAPI document says of predictions, whose route reads its request itself."""

from typing import Any

from service.inference.pictures.report import WARNINGS

#: A one, 28×28, as MNIST would have it.
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
            "description": "28×28 or 784 numbers: integers are 0 to 255, numbers with a point 0 to 1.",
        },
        "image": {"type": "string", "description": "A picture as base64, base64url or a data: URL."},
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
        "image": {"summary": "A picture as base64", "value": {"image": PICTURE}},
        "batch": {
            "summary": "Several at once",
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
            "description": "Null where nothing can be claimed, as of a blank picture.",
        },
        "confidence": {
            "type": ["number", "null"],
            "description": "The network's softmax for the digit: how it ranks ten digits, not how often it is right.",
        },
        "probabilities": {
            "type": "array",
            "items": {"type": ["number", "null"]},
            "minItems": 10,
            "maxItems": 10,
        },
        "top_k": {
            "type": "array",
            "description": "The likeliest, likeliest first; as many as `top_k` says, and none of a blank picture.",
            "items": {
                "type": "object",
                "properties": {"digit": {"type": "integer"}, "probability": {"type": "number"}},
            },
        },
        "input": {
            "type": "object",
            "description": "What was done to the picture before the network saw it.",
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
            "description": "With `trace=true`: the 28×28 that the network saw, as a PNG data URL.",
        },
        "saliency": {
            "type": "array",
            "items": {"type": "array", "items": {"type": "number"}},
            "description": "With `explain=saliency`: the gradient of the winning output by each of 28×28 pixels.",
        },
        "nonfinite": {"type": "string", "enum": ["nan", "inf", "-inf"]},
    },
}
_SOURCE: dict[str, Any] = {
    "model": {"type": ["string", "null"]},
    "version": {"type": ["integer", "null"]},
    "checkpoint_id": {"type": ["string", "null"]},
    "job_id": {"type": "string", "description": "With `job`: the job whose weights answered."},
    "step": {"type": ["integer", "null"], "description": "With `job`: the step at which it had them."},
}


def _parameter(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": description}


_HOW = [
    _parameter("top_k", {"type": "integer", "minimum": 1, "maximum": 10, "default": 3}, "How many classes to rank."),
    _parameter("trace", {"type": "boolean", "default": False}, "Answer also what the network saw."),
    _parameter("explain", {"type": "string", "enum": ["saliency"]}, "Answer also which pixels mattered."),
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
            "example": {"file": ["(a picture)"]},
        },
    },
}
_RESPONSES: dict[str, Any] = {
    "200": {
        "description": "The answer; of several pictures, a list under `predictions`.",
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
        _parameter("model", {"type": "string", "default": "digits"}, "Which model answers."),
        _parameter("alias", {"type": "string", "default": "live"}, "Which of its aliases."),
        _parameter("version", {"type": "integer", "minimum": 1}, "Which of its versions, instead of an alias."),
        _parameter("checkpoint", {"type": "string"}, "Any checkpoint, instead of a model's version."),
        _parameter("job", {"type": "string"}, "A job's newest weights, also while it trains, instead of a model."),
        *_HOW,
    ],
    "requestBody": _REQUEST,
    "responses": _RESPONSES,
}

JOB_PREDICT: dict[str, Any] = {
    "parameters": _HOW,
    "requestBody": _REQUEST,
    "responses": _RESPONSES,
}
