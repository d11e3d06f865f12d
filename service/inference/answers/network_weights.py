"""The weights of a network as a picture of it needs them: of a few units of each layer, or all of one unit."""

import base64
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

import naivenet
from service.errors import NotFound
from service.inference.answers.significant import significant

#: The largest int8, which stands for the largest weight of a picture.
LARGEST = 127

#: How many units of a layer are shown, unless the client wants more or fewer.
MOST = 24


def shown_units(units: int, most: int) -> list[int]:
    """Return the numbers of at most *most* of the units, evenly spaced, and always the same ones."""
    return [round(number) for number in np.linspace(0, units - 1, min(units, most)).tolist()]


def shown_layers(model: naivenet.NaiveSequential, most: int) -> list[dict[str, Any]]:
    """Return each layer's size, activation and shown units, with their biases and the weights between them."""
    shown = [shown_units(layer.output_size, most) for layer in model.layers]
    between = [None, *pairwise(shown)]
    return [
        {
            "units": layer.output_size,
            "activation": layer.activation.name,
            "shown": units,
            "biases": significant(np.asarray(layer.b)[units]).tolist(),
            "weights": None if pair is None else significant(np.asarray(layer.W)[np.ix_(*pair)]).tolist(),
        }
        for layer, units, pair in zip(model.layers, shown, between, strict=True)
    ]


def pictures(model: naivenet.NaiveSequential, most: int) -> list[dict[str, Any]]:
    """Return the weights from the 784 pixels into each shown unit of the first layer, one byte each.

    A weight is the byte, an int8, times the picture's scale. A picture with a number that is not finite has neither.
    """
    first = model.layers[0]
    return [_picture(np.asarray(first.W)[:, unit]) for unit in shown_units(first.output_size, most)]


def unit_weights(model: naivenet.NaiveSequential, layer: int, unit: int) -> dict[str, Any]:
    """Return one unit's bias, and its weights from each pixel or from each unit of the layer below.

    Raises:
        NotFound: There is no such layer or unit; both count from 0.
    """
    if layer >= len(model.layers) or unit >= model.layers[layer].output_size:
        raise NotFound("unit", f"{layer}/{unit}")
    found = model.layers[layer]
    bias, weights = np.asarray(found.b)[[unit]], np.asarray(found.W)[:, unit]
    return {
        "layer": layer,
        "unit": unit,
        "bias": significant(bias).tolist()[0],
        "weights": significant(weights).tolist(),
    }


def _picture(weights: NDArray[np.float32]) -> dict[str, Any]:
    largest = float(np.abs(weights).max())
    if not np.isfinite(largest):
        return {"scale": None, "data": None}
    scale = largest / LARGEST or 1.0
    data = np.rint(weights / np.float32(scale)).astype(np.int8)
    return {"scale": scale, "data": base64.b64encode(data.tobytes()).decode("ascii")}
