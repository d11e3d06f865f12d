"""Learning rates that change as training goes on, by name: each a pure function of how many steps were taken.

A schedule remembers nothing, so that a run can be entered at any step and takes the same rates from there.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args

from annotated_types import Ge, Gt, Le

from naivenet.choices.parameters import Number, Parameters, WholeNumber, make
from naivenet.errors import ParameterError

_MOST_EPOCHS, _MOST_STEPS = 1_000_000, 10**12
WarmupEpochs = Annotated[Number, Ge(0), Le(_MOST_EPOCHS)]
WarmupSteps = Annotated[WholeNumber, Ge(0), Le(_MOST_STEPS)]
Factor = Annotated[Number, Gt(0), Le(1)]


@dataclass(frozen=True, kw_only=True)
class Horizon:
    """How long a run is, which schedules measure themselves by: its steps, and those of one epoch."""

    total_steps: int
    steps_per_epoch: int


@dataclass(frozen=True, kw_only=True)
class Warmup(Parameters):
    """Base of the schedules: the rate first climbs in a straight line from 0 to the base rate.

    Attributes:
        warmup_steps: How many steps that takes.
        warmup_epochs: The same in epochs; one of the two at most.

    Raises:
        ParameterError: The warm-up is given both in steps and in epochs.
    """

    warmup_steps: WarmupSteps = 0
    warmup_epochs: WarmupEpochs = 0.0

    def __post_init__(self) -> None:
        """Refuse a warm-up of two lengths."""
        super().__post_init__()
        if self.warmup_steps and self.warmup_epochs:
            raise ParameterError("a warm-up is given in steps or in epochs, not in both")

    def rate(self, base: float, taken: int, horizon: Horizon) -> float:
        """The learning rate of the step that follows *taken* steps, where *base* is the optimizer's own."""
        warmup = self.warmup_steps or round(self.warmup_epochs * horizon.steps_per_epoch)
        if taken < warmup:
            return base * ((taken + 1) / warmup)
        rest = Horizon(total_steps=horizon.total_steps - warmup, steps_per_epoch=horizon.steps_per_epoch)
        return base * self.share(taken - warmup, rest)

    def share(self, taken: int, horizon: Horizon) -> float:
        """What share of the base rate holds *taken* steps after the warm-up."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class ConstantRate(Warmup):
    """The same rate at every step."""

    name: Literal["constant"] = "constant"

    def share(self, taken: int, horizon: Horizon) -> float:  # noqa: ARG002 -- as the others are called
        """All of it."""
        return 1.0


@dataclass(frozen=True, kw_only=True)
class StepDecay(Warmup):
    """The rate times *factor* after every so many epochs."""

    name: Literal["step"] = "step"
    factor: Factor = 0.1
    every_epochs: Annotated[WholeNumber, Ge(1), Le(_MOST_EPOCHS)] = 5

    def share(self, taken: int, horizon: Horizon) -> float:
        """``factor ** (whole periods so far)``."""
        return float(self.factor ** (taken // (self.every_epochs * horizon.steps_per_epoch)))


@dataclass(frozen=True, kw_only=True)
class ExponentialDecay(Warmup):
    """The rate falls smoothly, to *factor* of itself in every epoch."""

    name: Literal["exponential"] = "exponential"
    factor: Factor = 0.9

    def share(self, taken: int, horizon: Horizon) -> float:
        """``factor ** (epochs so far)``."""
        return float(self.factor ** (taken / horizon.steps_per_epoch))


@dataclass(frozen=True, kw_only=True)
class CosineDecay(Warmup):
    """The rate falls along half a cosine to *final* of itself at the run's end. Loshchilov and Hutter, 2016."""

    name: Literal["cosine"] = "cosine"
    final: Annotated[Number, Ge(0), Le(1)] = 0.0

    def share(self, taken: int, horizon: Horizon) -> float:
        """From 1 to *final*, where the steps after the warm-up end."""
        done = min(1.0, taken / max(1, horizon.total_steps))
        return self.final + (1 - self.final) * 0.5 * (1 + math.cos(math.pi * done))


Schedule = ConstantRate | StepDecay | ExponentialDecay | CosineDecay

SCHEDULES: Mapping[str, type[Schedule]] = {each.name: each for each in get_args(Schedule)}


def get_schedule(name: str, **parameters: Any) -> Schedule:
    """Make the schedule of that name.

    Raises:
        UnknownName: No such schedule, or it has no such parameter.
        ParameterError: A parameter is out of its range.
    """
    schedule: Schedule = make("schedule", SCHEDULES, name, parameters)
    return schedule
