"""A problem of a training, as a value, and the moment at which a network is examined."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Diagnostic:
    """A problem of a training.

    Attributes:
        code: Names the problem, for programs.
        layer: The number of the layer, from 0; None for the whole network.
        epoch: From 1.
        step: From 1.
        evidence: The numbers that show it, and names such as that of an activation.
        message: The problem in a sentence.
        hint: What to try.
        advice: The same as changes to the job's body: each JSON pointer's new value. Empty if no change is likely to
            help.
    """

    code: str
    layer: int | None = None
    epoch: int
    step: int
    evidence: Mapping[str, float | str]
    message: str
    hint: str
    advice: Mapping[str, Any] = field(default_factory=dict)

    @property
    def condition(self) -> tuple[str, int | None]:
        """The problem and its place, without the time."""
        return self.code, self.layer

    def as_data(self) -> dict[str, Any]:
        """Return it as the event log stores it: with six digits, as the further ones may differ between machines."""
        return asdict(self) | {"evidence": {name: _six_digits(value) for name, value in self.evidence.items()}}


def _six_digits(value: float | str) -> float | str:
    return value if isinstance(value, str) else float(f"{value:.6g}")


@dataclass(frozen=True, kw_only=True)
class EpochMoment:
    """The end of an epoch, at which a network is examined."""

    epoch: int
    step: int
