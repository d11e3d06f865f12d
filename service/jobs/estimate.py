"""How long jobs take here: by a measured default, scaled by how long this machine's newest jobs took."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any

import naivenet
from service.composition import Services
from service.domain.mix import MixedDataset
from service.jobs import datasets
from service.storage.weights import INPUT_SIZE
from service.store.jobs.places import Pace

#: The default in seconds, measured on a quiet machine with two cores: from the start of a job to its first step, for
#: each step, each image of a step, its augmentation, and each weight that it passes.
START_S, STEP_S, IMAGE_S, AUGMENT_S, WEIGHT_S = 5.0, 1e-4, 2e-6, 4.5e-6, 2.4e-11


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """How long jobs take.

    Attributes:
        measured: Whether jobs that succeeded here measure it; before the first one it is the default of this module.
    """

    seconds: float
    measured: bool


def estimate(services: Services, config: Mapping[str, Any]) -> Estimate:
    """Return how long a job with this resolved configuration takes, from its start on a free worker."""
    return estimate_all(services, [config])


def estimate_all(services: Services, configs: Sequence[Mapping[str, Any]]) -> Estimate:
    """Return how long jobs with these resolved configurations take one after another."""
    pace = services.jobs.pace()
    total = sum(
        default_s(config, steps=_steps(services, config)) * _slowness(pace, _precision(config)) for config in configs
    )
    return Estimate(seconds=total, measured=bool(pace.ended))


def default_s(config: Mapping[str, Any], *, steps: int) -> float:
    """Return how long a job takes by the default."""
    units: Sequence[int] = [INPUT_SIZE, *(layer["units"] for layer in config["network"]["layers"])]
    image_s = IMAGE_S + WEIGHT_S * sum((a + 1) * b for a, b in pairwise(units))
    if config.get("augment") is not None:
        image_s += AUGMENT_S
    return START_S + steps * STEP_S + steps * int(config["batch_size"]) * image_s


def _slowness(pace: Pace, precision: str) -> float:
    """Return how many times the default the newest jobs of a precision took, or all if it had none; 1 before any."""
    ended = [each for each in pace.ended if _precision(each.config) == precision] or pace.ended
    return median(each.seconds / default_s(each.config, steps=each.steps) for each in ended) if ended else 1.0


def _precision(config: Mapping[str, Any]) -> str:
    """Return the precision of a job; those of older versions had none."""
    return str(config.get("precision", "float32"))


def _steps(services: Services, config: Mapping[str, Any]) -> int:
    """Return how many steps the job has, if nothing stops it early."""
    mix = [MixedDataset.model_validate(each) for each in config.get("datasets") or ()] or [
        MixedDataset(name=config["dataset"], version=config["dataset_version"])
    ]
    kept = 1 - config["validation_split"]
    shown = sum(datasets.resolve(services, each.name, each.version).train.samples * each.weight * kept for each in mix)
    return int(config["epochs"]) * naivenet.count_batches(max(round(shown), 1), config["batch_size"])
