"""The options of a job in responses: enough for a front end to draw its form."""

from typing import Any, Literal

from pydantic import Field

import naivenet
from service.api.schemas.common import Wire
from service.domain.config import JobConfig


class ParameterOut(Wire):
    """A parameter with its range and default."""

    name: str = Field(examples=["learning_rate"])
    type: str = Field(examples=["float"])
    default: Any = Field(examples=[0.001])
    minimum: float | None = Field(examples=[0.0])
    maximum: float | None
    exclusive_minimum: bool = Field(description="Whether the minimum itself is out of range.")
    exclusive_maximum: bool


class ChoiceOut(Wire):
    """An initializer, optimizer or schedule, with its parameters."""

    name: str = Field(examples=["sgd"])
    description: str
    parameters: list[ParameterOut]


class OptimizerOut(ChoiceOut):
    """An optimizer, with its parameters and what to know before choosing it."""

    suggested: dict[str, float] = Field(
        description="Values to start from, where they differ from the defaults, which are the notebook's: for each "
        "optimizer the learning rate of a small grid that learned MNIST best, with the network and initial weights of "
        "the preset `accurate` and without momentum.",
        examples=[{"learning_rate": 1.0}],
    )
    teaching_order: int = Field(
        description="Its place, from 1, in an order in which each optimizer builds on those before it.", examples=[2]
    )
    explanation: dict[Literal["en", "es"], str] = Field(description="What it does, in one sentence of each language.")


class PrecisionOut(Wire):
    """A precision of a job's matrix products."""

    name: naivenet.Precision
    native: bool = Field(
        description="Whether the API's processor has instructions for it. Without them it is no faster than float32."
    )


class OptionsOut(Wire):
    """All options of a job's configuration."""

    activations: list[str]
    initializers: list[ChoiceOut]
    optimizers: list[OptimizerOut]
    schedules: list[ChoiceOut]
    augment: list[ParameterOut] = Field(description="The limits of `augment`, the random changes of the images.")
    precisions: list[PrecisionOut]
    datasets: list[str]
    presets: dict[str, JobConfig] = Field(description="The full configuration of each preset.")
    limits: dict[str, int]
