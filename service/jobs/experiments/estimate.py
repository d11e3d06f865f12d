"""What an experiment will take and can show, before it starts."""

from dataclasses import dataclass

from service.composition import Services
from service.domain.experiment import Design
from service.experiments import detectable_difference
from service.jobs.estimate import estimate_all

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
    """Return the time by the newest jobs that succeeded."""
    one_seed = estimate_all(services, [arm.config for arm in design.arms])
    if not one_seed.measured:
        return None
    return one_seed.seconds * len(design.seeds) / services.jobs.pace().workers
