"""Returns the request that trains an experiment again."""

from collections.abc import Mapping
from typing import Any

from service.composition import Services
from service.domain.config import JobConfig, request_body
from service.domain.experiment import Arm, Design, Experiment, NewArm, NewExperiment
from service.errors import ServiceError
from service.jobs.experiments.design import resolve_experiment

Json = dict[str, Any]


def repeating_body(services: Services, experiment: Experiment) -> Json:
    """Return a request's body that trains the same arms with the same seeds, also where seeds were added.

    It has the sweep if that still gives the same arms, and otherwise each arm with its own configuration.
    """
    design = experiment.design
    asked = {name: getattr(design, name) for name in ("metric", "epoch", "baseline", "margin", "stop_hopeless")}
    asked |= {"name": experiment.name, "metadata": dict(design.metadata), "seeds": _seeds(design)}
    if design.sweep:
        swept = _swept(design, design.sweep, asked)
        if _gives_the_arms(services, swept, design):
            return _json(swept)
    arms = [NewArm(name=arm.name, config=_config(arm)) for arm in design.arms]
    return _json(NewExperiment(**asked, arms=arms))


def _seeds(design: Design) -> int | list[int]:
    count = len(design.seeds)
    return count if design.seeds == tuple(range(1, count + 1)) else list(design.seeds)


def _config(arm: Arm) -> Json:
    return request_body(JobConfig.model_validate(arm.config, strict=False))


def _swept(design: Design, sweep: Mapping[str, Any], asked: Mapping[str, Any]) -> NewExperiment:
    """Return the sweep from the first arm's configuration: the swept fields replace its values of them.

    Draws from ranges are the same each time, and the number of arms is the budget.
    """
    has_range = any(isinstance(values, Mapping) for values in sweep.values())
    budget = len(design.arms) if has_range else None
    return NewExperiment(**asked, config=_config(design.arms[0]), sweep=dict(sweep), budget=budget)


def _gives_the_arms(services: Services, new: NewExperiment, design: Design) -> bool:
    try:
        return resolve_experiment(services, new).arms == design.arms
    except ServiceError:  # its dataset was deleted, or it is larger than this service now allows
        return False


def _json(new: NewExperiment) -> Json:
    return new.model_dump(mode="json", exclude_defaults=True) | {"seeds": new.seeds}
