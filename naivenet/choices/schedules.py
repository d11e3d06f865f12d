"""Schedules by name: the learning rate as a pure function of the number of steps taken.

A schedule has no state, so that a run that resumes at any step takes the same rates from there.
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
class RunLength:
    """The length of a run in steps, and that of one epoch."""

    total_steps: int
    steps_per_epoch: int


Horizon = RunLength  # the earlier name


@dataclass(frozen=True, kw_only=True)
class Warmup(Parameters):
    """Base of the schedules: during the warm-up the rate rises linearly from 0 to the base rate.

    Attributes:
        warmup_steps: Length of the warm-up in steps.
        warmup_epochs: The same in epochs; at most one of the two is given.

    Raises:
        ParameterError: The warm-up is given both in steps and in epochs.
    """

    warmup_steps: WarmupSteps = 0
    warmup_epochs: WarmupEpochs = 0.0

    def __post_init__(self) -> None:
        """Refuse a warm-up with two lengths."""
        super().__post_init__()
        if self.warmup_steps and self.warmup_epochs:
            raise ParameterError("a warm-up has warmup_steps or warmup_epochs, not both: remove one of them")

    def rate(self, base: float, taken: int, length: RunLength) -> float:
        """Return the learning rate of the next step after *taken* steps; *base* is the optimizer's learning rate."""
        warmup = self.warmup_steps or round(self.warmup_epochs * length.steps_per_epoch)
        if taken < warmup:
            return base * ((taken + 1) / warmup)
        rest = RunLength(total_steps=length.total_steps - warmup, steps_per_epoch=length.steps_per_epoch)
        return base * self.share(taken - warmup, rest)

    def share(self, taken: int, length: RunLength) -> float:
        """Return the share of the base rate, *taken* steps after the warm-up."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class ConstantRate(Warmup):
    """The same rate at every step."""

    name: Literal["constant"] = "constant"

    def share(self, taken: int, length: RunLength) -> float:  # noqa: ARG002 -- other schedules need both
        """Return 1."""
        return 1.0


@dataclass(frozen=True, kw_only=True)
class StepDecay(Warmup):
    """The rate is multiplied by *factor* after every *every_epochs* epochs."""

    name: Literal["step"] = "step"
    factor: Factor = 0.1
    every_epochs: Annotated[WholeNumber, Ge(1), Le(_MOST_EPOCHS)] = 5

    def share(self, taken: int, length: RunLength) -> float:
        """Return ``factor ** (complete periods so far)``."""
        return float(self.factor ** (taken // (self.every_epochs * length.steps_per_epoch)))


@dataclass(frozen=True, kw_only=True)
class ExponentialDecay(Warmup):
    """The rate falls smoothly, by *factor* in each epoch."""

    name: Literal["exponential"] = "exponential"
    factor: Factor = 0.9

    def share(self, taken: int, length: RunLength) -> float:
        """Return ``factor ** (epochs so far)``."""
        return float(self.factor ** (taken / length.steps_per_epoch))


@dataclass(frozen=True, kw_only=True)
class CosineDecay(Warmup):
    """The rate falls along half a cosine, to the share *final* at the end of the run. Loshchilov and Hutter, 2016."""

    name: Literal["cosine"] = "cosine"
    final: Annotated[Number, Ge(0), Le(1)] = 0.0

    def share(self, taken: int, length: RunLength) -> float:
        """Return a share from 1, after the warm-up, to *final*, at the end of the run."""
        done = min(1.0, taken / max(1, length.total_steps))
        return self.final + (1 - self.final) * 0.5 * (1 + math.cos(math.pi * done))


Schedule = ConstantRate | StepDecay | ExponentialDecay | CosineDecay

SCHEDULES: Mapping[str, type[Schedule]] = {each.name: each for each in get_args(Schedule)}


def get_schedule(name: str, **parameters: Any) -> Schedule:
    """Return the schedule with the given name and parameters.

    Raises:
        UnknownName: There is no such schedule, or it has no such parameter.
        ParameterError: A parameter is of the wrong type or out of range.
    """
    schedule: Schedule = make("schedule", SCHEDULES, name, parameters)
    return schedule
