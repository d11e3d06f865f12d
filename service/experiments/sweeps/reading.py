"""Reads a sweep from a request: ``{"/optimizer/learning_rate": [0.01, 0.1]}``."""

from collections.abc import Mapping
from typing import Any

import orjson
from pydantic import ValidationError

from service.domain.validation import invalid_input
from service.errors import InvalidInput
from service.experiments.sweeps.json_pointers import parts_of
from service.experiments.sweeps.parameters import Choices, Parameter, Range
from service.experiments.sweeps.sweep import Sweep, source_of


def read_sweep(fields: Mapping[str, Any], *, budget: int | None = None) -> Sweep:
    """Return the sweep that a request describes.

    Args:
        fields: For each JSON pointer to a field of a job's body a list of values, or a range: ``{low, high, scale}``.
        budget: How many combinations are drawn; None takes all.

    Raises:
        InvalidInput: A pointer is none; values are missing or there twice; a range is wrong, or has no budget.
    """
    if not fields:
        raise InvalidInput.at("/sweep", "The sweep has no field; give the JSON pointer of one, with its values.")
    parameters = {pointer: _parameter(pointer, values) for pointer, values in fields.items()}
    if budget is None:
        for pointer, parameter in parameters.items():
            if isinstance(parameter, Range):
                message = "A range has no end of values: set `budget` to the number of combinations to draw."
                raise InvalidInput.at(source_of(pointer), message)
    return Sweep(parameters=parameters, budget=budget)


def _parameter(pointer: str, values: Any) -> Parameter:
    source = source_of(pointer)
    if parts_of(pointer) is None:
        message = f"{pointer!r} is no JSON pointer; write the way to a field, such as /optimizer/learning_rate."
        raise InvalidInput.at(source, message)
    if isinstance(values, dict):
        return _range(values, source)
    if not isinstance(values, list) or not values:
        message = "Give a list of values, such as [0.01, 0.1], or a range, such as {low, high, scale}."
        raise InvalidInput.at(source, message)
    seen = set[bytes]()
    for number, value in enumerate(map(orjson.dumps, values)):
        if value in seen:
            raise InvalidInput.at(f"{source}/{number}", f"The value {value.decode()} is there twice; leave one out.")
        seen.add(value)
    return Choices(values=values)


def _range(values: Mapping[str, Any], source: str) -> Range:
    try:
        found = Range.model_validate(values)
    except ValidationError as error:
        raise invalid_input(error.errors(), values, kind=Range, root=source) from None
    if found.low >= found.high:
        raise InvalidInput.at(f"{source}/high", f"It must be greater than `low`, which is {found.low:g}.")
    if found.scale == "log" and found.low <= 0:
        raise InvalidInput.at(f"{source}/low", "A logarithmic scale has numbers greater than 0 only.")
    if found.integer and not found.values:
        raise InvalidInput.at(source, "There is no whole number between `low` and `high`.")
    return found
