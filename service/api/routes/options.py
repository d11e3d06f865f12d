"""What a job can be made of: enough for a front end to draw its form."""

from collections.abc import Mapping
from typing import Any, get_args

from fastapi import APIRouter
from pydantic import BaseModel, Field

import naivenet
from service.api.access.gate import GatedRoute
from service.api.access.scopes import requires
from service.api.dependencies import ServicesDep
from service.domain.config import PRESETS, JobConfig, preset
from service.domain.key import Scope
from service.jobs import datasets

router = APIRouter(prefix="/v1/options", tags=["jobs"], route_class=GatedRoute)


class ParameterOut(BaseModel):
    """One parameter, its range and its default."""

    name: str = Field(examples=["learning_rate"])
    type: str = Field(examples=["float"])
    default: Any = Field(examples=[0.001])
    minimum: float | None = Field(examples=[0.0])
    maximum: float | None
    exclusive_minimum: bool = Field(description="Whether the minimum itself is out of range.")
    exclusive_maximum: bool


class ChoiceOut(BaseModel):
    """A thing that goes by name, with its parameters."""

    name: str = Field(examples=["sgd"])
    description: str
    parameters: list[ParameterOut]


class OptionsOut(BaseModel):
    """All there is to choose from."""

    activations: list[str]
    initializers: list[ChoiceOut]
    optimizers: list[ChoiceOut]
    schedules: list[ChoiceOut]
    datasets: list[str]
    presets: dict[str, JobConfig] = Field(description="Each as the configuration that it stands for.")
    limits: dict[str, int]


@router.get("")
@requires(Scope.READ)
def get_options(services: ServicesDep) -> OptionsOut:
    """List everything to choose from by name, and the presets, with parameters, ranges and defaults."""
    limits = services.limits
    return OptionsOut(
        activations=sorted(get_args(naivenet.ActivationName)),
        initializers=_choices(naivenet.INITIALIZERS),
        optimizers=_choices(naivenet.OPTIMIZERS),
        schedules=_choices(naivenet.SCHEDULES),
        datasets=datasets.available(services.settings.resolved_datasets_dir),
        presets={name: preset(name) for name in PRESETS},
        limits={name: getattr(limits, name) for name in ("max_epochs", "max_layers", "max_units")},
    )


def _choices(table: Mapping[str, type]) -> list[ChoiceOut]:
    return [
        ChoiceOut(name=name, description=(kind.__doc__ or "").partition("\n")[0], parameters=_parameters(kind))
        for name, kind in sorted(table.items())
    ]


def _parameters(kind: type) -> list[ParameterOut]:
    return [ParameterOut.model_validate(each, from_attributes=True) for each in naivenet.describe(kind)]
