"""The presets: named configurations that a job can start from."""

from collections.abc import Mapping
from typing import Any, Literal

PresetName = Literal["accurate", "notebook", "robust"]
Json = dict[str, Any]

_ACCURATE: Json = {
    "network": {
        "layers": [
            {"units": 512, "activation": "relu", "initializer": {"name": "he_normal"}},
            {"units": 10, "activation": "softmax", "initializer": {"name": "glorot_uniform"}},
        ]
    },
    "optimizer": {"name": "sgd", "learning_rate": 0.1, "momentum": 0.9, "nesterov": True},
    "epochs": 10,
    "shuffle": True,
}
_ROBUST: Json = _ACCURATE | {
    "epochs": 20,
    "schedule": {"name": "cosine"},
    "augment": {},
}

#: Named configurations that a request can start from; ``notebook`` is the default of every field.
PRESETS: Mapping[PresetName, Json] = {"notebook": {}, "accurate": _ACCURATE, "robust": _ROBUST}
