"""What an experiment will take and can show, before it starts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any

from service.composition import Services
from service.domain.experiment import Design
from service.experiments import detectable_difference
from service.storage.weights import INPUT_SIZE

#: The standard deviation of the difference between two arms on one seed, as accuracies of networks on MNIST vary: by
#: 0.1 to 0.2 points from seed to seed. Only an experiment itself can measure its own.
ASSUMED_SD = 0.002


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """What an experiment will take and can show.

    Attributes:
        seconds: How long its jobs take on the present workers; None if no job has succeeded yet.
        detectable_effect: The smallest difference that is shown with 80 % power, in standard deviations of the
            differences on a seed; None if there are too few seeds for a test.
        detectable_difference: The same as a share of pictures, if that standard deviation is `ASSUMED_SD`; None for
            another metric than an accuracy.
    """

    jobs: int
    seconds: float | None
    detectable_effect: float | None
    detectable_difference: float | None


def estimate(services: Services, design: Design) -> Estimate:
    """Return what the experiment will take and can show."""
    arms = len(design.arms)
    pairs = arms - 1 if design.baseline else arms * (arms - 1) // 2
    effect = detectable_difference(seeds=len(design.seeds), pairs=pairs)
    is_accuracy = design.metric.endswith("accuracy")
    return Estimate(
        jobs=design.jobs,
        seconds=_seconds(services, design),
        detectable_effect=effect,
        detectable_difference=effect * ASSUMED_SD if effect is not None and is_accuracy else None,
    )


def _seconds(services: Services, design: Design) -> float | None:
    """Return the time by the newest jobs that succeeded: in proportion to epochs and to the size of the network."""
    pace = services.jobs.pace()
    rates = [seconds / _work(config) for config, seconds in pace.lengths]
    if not rates:
        return None
    work = sum(_work(arm.config) for arm in design.arms) * len(design.seeds)
    return work * median(rates) / pace.workers


def _work(config: Mapping[str, Any]) -> float:
    units: Sequence[int] = [INPUT_SIZE, *(layer["units"] for layer in config["network"]["layers"])]
    return float(config["epochs"] * sum((a + 1) * b for a, b in pairwise(units)))
