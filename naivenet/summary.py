"""Describes layers and networks in text. Of a layer it needs only ``weights``, so it describes any layer."""

import math
from typing import Any


def layer_text(layer: Any) -> str:
    """Return a layer in one line: its class, the sizes of its weights and its activation."""
    shapes = ", ".join(str(_shape(weight)) for weight in layer.weights)
    if len(layer.weights) == 2:  # noqa: PLR2004 -- W and b
        shapes = " → ".join(map(str, layer.weights[0].shape))
    activation = getattr(layer, "activation", None)
    return f"{type(layer).__name__}({shapes}{f', {_name(activation)}' if activation else ''})"


def network_text(model: Any) -> str:
    """Return a network in one line: its layers and its number of parameters."""
    layers = ", ".join(map(layer_text, model.layers))
    return f"{type(model).__name__}([{layers}], {count_parameters(model):,} parameters)"


def summary_table(model: Any) -> str:
    """Return a table of the layers: class, activation, shapes of the weights, parameters; and their sum."""
    rows = [
        (
            str(number),
            type(layer).__name__,
            _name(getattr(layer, "activation", None)),
            ", ".join(str(_shape(weight)) for weight in layer.weights) or "none",
            f"{count_parameters(layer):,}",
        )
        for number, layer in enumerate(model.layers)
    ]
    head = ("", "layer", "activation", "weights", "parameters")
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in (head, *rows)]
    lines.insert(1, "-" * len(lines[0]))
    return "\n".join([*(line.rstrip() for line in lines), "", f"{count_parameters(model):,} parameters"])


def count_parameters(part: Any) -> int:
    """Return how many numbers the weights of a layer or network hold."""
    return sum(math.prod(_shape(weight)) for weight in part.weights)


def _shape(weight: Any) -> tuple[int, ...]:
    return tuple(int(size) for size in weight.shape)


def _name(activation: Any) -> str:
    if activation is None:
        return ""
    return str(getattr(activation, "name", None) or getattr(activation, "__name__", None) or type(activation).__name__)
