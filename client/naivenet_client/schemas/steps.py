"""A training step that a job has recorded in full.

A number that is not finite is None, and *nonfinite* of its class names which one the first was.
"""

from msgspec import Struct


class SampleOfStep(Struct, frozen=True, kw_only=True):
    """A picture of the batch, as a data URL, and what the network made of it before it learned from it."""

    label: int
    prediction: int
    probabilities: list[float | None]
    loss: float | None
    png: str
    nonfinite: str | None = None


class WeightOfStep(Struct, frozen=True, kw_only=True):
    """A weight of the network: its length before the step, and those of its gradient and its update."""

    layer: int
    name: str
    shape: list[int]
    length: float | None
    gradient_length: float | None
    update_length: float | None
    nonfinite: str | None = None


class UnitOfStep(Struct, frozen=True, kw_only=True):
    """The first layer's unit with the largest gradient."""

    layer: int
    unit: int
    weights: list[float | None]
    gradient: list[float | None]
    update: list[float | None]
    nonfinite: str | None = None


class RecordedStep(Struct, frozen=True, kw_only=True):
    """What happened in one training step; *code* is the function that did it."""

    step: int
    epoch: int
    learning_rate: float
    loss: float | None
    correct: int
    losses: list[float | None]
    samples: list[SampleOfStep]
    weights: list[WeightOfStep]
    unit: UnitOfStep
    code: str
    nonfinite: str | None = None


class RecordedSteps(Struct, frozen=True, kw_only=True):
    """The numbers of the recorded steps."""

    data: list[int]
