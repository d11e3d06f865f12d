"""Names of a sweep's arms, by what differs: ``learning_rate=0.1, units=128``."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from service.experiments.sweeps.json_pointers import parts_of

#: The longest name of an arm.
LONGEST = 64


def names_of(combinations: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return a name for each combination of values; all are different."""
    labels = labels_of(_varied(combinations))
    names = [", ".join(f"{label}={text_of(values[at])}" for at, label in labels.items()) for values in combinations]
    if len(set(names)) == len(names) and max(map(len, names), default=0) <= LONGEST:
        return names
    return [_cut(name, f" #{number}") for number, name in enumerate(names, 1)]


def labels_of(pointers: Sequence[str]) -> dict[str, str]:
    """Return a short name for each pointer: its end, as long as it takes to be unique, such as ``layers.0.units``."""
    ways = {pointer: parts_of(pointer) or [pointer] for pointer in pointers}
    return {
        pointer: _shortest(way, [other for other in ways.values() if other != way]) for pointer, way in ways.items()
    }


def text_of(value: Any) -> str:
    """Return a value in few letters: of an object with a name, such as an optimizer, the name and the rest."""
    if isinstance(value, dict) and isinstance(value.get("name"), str):
        rest = [f"{key} {text_of(each)}" for key, each in value.items() if key != "name"]
        return " ".join([text_of(value["name"]), *rest])
    if isinstance(value, str) and value.isprintable():
        return value
    return f"{value:g}" if isinstance(value, float) else orjson.dumps(value).decode()


def _varied(combinations: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the pointers whose values differ between the combinations."""
    pointers = combinations[0] if combinations else {}
    return [at for at in pointers if any(values[at] != combinations[0][at] for values in combinations)]


def _shortest(way: Sequence[str], others: Sequence[Sequence[str]]) -> str:
    for length in range(1, len(way)):
        end = way[-length:]
        if not end[0].isdecimal() and all(other[-length:] != end for other in others):
            return ".".join(end)
    return ".".join(way)


def _cut(name: str, number: str) -> str:
    room = LONGEST - len(number)
    return (name if len(name) <= room else f"{name[: room - 1]}…") + number
