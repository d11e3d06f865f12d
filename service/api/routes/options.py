"""The options of a job's configuration: enough for a front end to draw its form."""

from collections.abc import Mapping
from typing import get_args

from fastapi import APIRouter

import naivenet
from service.api.access.gate import GatedRoute
from service.api.access.scopes import requires
from service.api.dependencies import ServicesDep
from service.api.schemas.options import ChoiceOut, OptimizerOut, OptionsOut, ParameterOut, PrecisionOut
from service.domain.config import preset
from service.domain.key import Scope
from service.domain.notes import computes_in
from service.domain.optimizer_advice import ADVICE
from service.domain.presets import PRESETS
from service.jobs import datasets

router = APIRouter(prefix="/v1/options", tags=["jobs"], route_class=GatedRoute)


@router.get("")
@requires(Scope.READ)
def get_options(services: ServicesDep) -> OptionsOut:
    """List all choices of a job, its datasets and presets, with ranges and defaults."""
    limits = services.limits
    return OptionsOut(
        activations=sorted(get_args(naivenet.ActivationName)),
        initializers=_choices(naivenet.INITIALIZERS),
        optimizers=_optimizers(),
        schedules=_choices(naivenet.SCHEDULES),
        augment=_parameters(naivenet.Augmentation),
        precisions=[PrecisionOut(name=name, native=computes_in(name)) for name in get_args(naivenet.Precision)],
        datasets=datasets.names(services),
        presets={name: preset(name) for name in PRESETS},
        limits={name: getattr(limits, name) for name in ("max_epochs", "max_layers", "max_units")},
    )


def _choices(table: Mapping[str, type]) -> list[ChoiceOut]:
    return [
        ChoiceOut(name=name, description=(kind.__doc__ or "").partition("\n")[0], parameters=_parameters(kind))
        for name, kind in sorted(table.items())
    ]


def _optimizers() -> list[OptimizerOut]:
    order = list(ADVICE)
    return [
        OptimizerOut(
            **dict(choice),
            suggested={"learning_rate": ADVICE[choice.name].learning_rate},
            teaching_order=1 + order.index(choice.name),
            explanation={"en": ADVICE[choice.name].en, "es": ADVICE[choice.name].es},
        )
        for choice in _choices(naivenet.OPTIMIZERS)
    ]


def _parameters(kind: type) -> list[ParameterOut]:
    return [ParameterOut.model_validate(each, from_attributes=True) for each in naivenet.describe(kind)]
