"""What a job can choose from."""

from typing import Any

from msgspec import Struct, field

from naivenet_client.schemas.jobs import JobConfig


class Parameter(Struct, frozen=True, kw_only=True):
    """A parameter with its range and default."""

    name: str
    type: str
    default: Any = None
    minimum: float | None = None
    maximum: float | None = None
    exclusive_minimum: bool = False
    exclusive_maximum: bool = False


class Option(Struct, frozen=True, kw_only=True):
    """An initializer, optimizer or schedule, with its parameters.

    An optimizer also has values to start from, its place in an order for teaching, and a sentence about it in English
    and Spanish.
    """

    name: str
    description: str = ""
    parameters: tuple[Parameter, ...] = ()
    suggested: dict[str, float] = field(default_factory=dict)
    teaching_order: int | None = None
    explanation: dict[str, str] = field(default_factory=dict)


class PrecisionOption(Struct, frozen=True, kw_only=True):
    """A precision of products, and whether the processor of the service has instructions for it."""

    name: str
    native: bool


class Options(Struct, frozen=True, kw_only=True):
    """All options of a job's configuration."""

    activations: tuple[str, ...]
    initializers: tuple[Option, ...]
    optimizers: tuple[Option, ...]
    schedules: tuple[Option, ...]
    datasets: tuple[str, ...]
    presets: dict[str, JobConfig]
    limits: dict[str, int] = field(default_factory=dict)
    augment: tuple[Parameter, ...] = ()
    precisions: tuple[PrecisionOption, ...] = ()
