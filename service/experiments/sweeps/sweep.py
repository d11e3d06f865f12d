"""A sweep: one job's body, in which some fields take several values; each combination of values is an arm."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from random import Random
from typing import Any

import orjson

from service.errors import InvalidInput
from service.experiments.sweeps.json_pointers import NoSuchPlaceError, changed, escaped, parts_of
from service.experiments.sweeps.names import names_of
from service.experiments.sweeps.parameters import Choices, Parameter

#: Fewer arms are no comparison.
LEAST = 2

#: How many draws may repeat an earlier combination, for each one of the budget.
_TRIES = 100


@dataclass(frozen=True, kw_only=True)
class SweptArm:
    """One combination of a sweep.

    Attributes:
        body: The body of its jobs.
        values: The values of the swept fields, by their JSON pointers.
        sources: Where the request names these values: ``/sweep/~1epochs/1``, by the same pointers.
    """

    name: str
    body: Mapping[str, Any]
    values: Mapping[str, Any]
    sources: Mapping[str, str]

    def source_of(self, pointer: str) -> str:
        """Return where in the request the field at *pointer* of the body comes from, for an error about it."""
        for swept in sorted(self.sources, key=len, reverse=True):
            if pointer == swept or pointer.startswith(f"{swept}/"):
                return self.sources[swept] + pointer.removeprefix(swept)
        return f"/config{pointer}"


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """The fields that a sweep changes.

    Attributes:
        parameters: The values of each field, by its JSON pointer.
        budget: How many combinations are drawn; None takes all.
    """

    parameters: Mapping[str, Parameter]
    budget: int | None = None

    @property
    def size(self) -> int:
        """The number of arms, without making them; in a narrow range there may be fewer."""
        every = self._combinations
        return min(count for count in (every, self.budget) if count is not None)

    def arms(self, body: Mapping[str, Any], *, defaults: Mapping[str, Any]) -> list[SweptArm]:
        """Return the arms.

        Args:
            body: The body of a job that all arms start from.
            defaults: The configuration that *body* resolves to; a list that *body* lacks, such as that of the layers,
                is taken from here.

        Raises:
            InvalidInput: A pointer leads nowhere; or fewer than two combinations exist.
        """
        combinations = list(self._all() if self.size == self._combinations else self._drawn())
        if len(combinations) < LEAST:
            raise InvalidInput.at("/sweep", "The sweep has one combination only; give a field two values or more.")
        return [
            SweptArm(name=name, body=self._body(values, body, defaults), values=values, sources=self._sources(values))
            for name, values in zip(names_of(combinations), combinations, strict=True)
        ]

    @property
    def _combinations(self) -> int | None:
        """The number of all combinations; None if a range has no end of values."""
        sizes = [parameter.size for parameter in self.parameters.values()]
        return None if None in sizes else math.prod(size for size in sizes if size is not None)

    def _all(self) -> Iterator[dict[str, Any]]:
        lists: list[Sequence[Any]] = [parameter.values for parameter in self.parameters.values()]
        return (dict(zip(self.parameters, values, strict=True)) for values in product(*lists))

    def _drawn(self) -> Iterator[dict[str, Any]]:
        """Yield different random combinations: the same each time, and more of them with a larger budget."""
        random = Random(0)  # noqa: S311  # not for security
        seen = set[bytes]()
        for _ in range(_TRIES * self.size):
            values = {pointer: parameter.draw(random) for pointer, parameter in self.parameters.items()}
            if (key := orjson.dumps(values)) not in seen:
                seen.add(key)
                yield values
            if len(seen) == self.size:
                return

    def _body(
        self, values: Mapping[str, Any], body: Mapping[str, Any], defaults: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """Return *body* with the values, whole objects before their fields."""
        for pointer in sorted(values, key=lambda pointer: pointer.count("/")):
            try:
                body = changed(body, parts_of(pointer) or [], values[pointer], defaults=defaults)
            except NoSuchPlaceError as error:
                message = f"There is no {error.args[0]!r} on the way to {pointer} in the config; write it there first."
                raise InvalidInput.at(source_of(pointer), message) from None
        return body

    def _sources(self, values: Mapping[str, Any]) -> dict[str, str]:
        return {pointer: self._source(pointer, value) for pointer, value in values.items()}

    def _source(self, pointer: str, value: Any) -> str:
        parameter = self.parameters[pointer]
        place = f"/{parameter.values.index(value)}" if isinstance(parameter, Choices) else ""
        return source_of(pointer) + place


def source_of(pointer: str) -> str:
    """Return where the request has the values of the field at *pointer*."""
    return f"/sweep/{escaped(pointer)}"
