"""Whether losses and weights are finite numbers."""

import math

import numpy as np

import naivenet
from service.training.worker.checkpoints import Event


def first_nonfinite(event: Event) -> tuple[int, float] | None:
    """Return the step and the value of the event's first loss that is not finite; None if all are finite."""
    if isinstance(event, naivenet.Steps):
        numbers = np.flatnonzero(~np.isfinite(event.losses))
        return (event.first_step + int(numbers[0]), float(event.losses[numbers[0]])) if len(numbers) else None
    of_sets = [each.loss for each in event.sets]
    losses = [loss for loss in (event.test_loss, event.validation_loss, *of_sets) if loss is not None]
    return next(((event.step, loss) for loss in losses if not math.isfinite(loss)), None)


def all_finite(model: naivenet.NaiveSequential) -> bool:
    """Return whether every weight is a finite number."""
    return all(np.isfinite(weight.numpy()).all() for weight in model.weights)
