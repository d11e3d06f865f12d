"""Where the points of compared curves lie on the x axis: by step, epoch, images or seconds."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from service.domain.history import EpochPoint
from service.domain.job import Job

#: What an x axis counts. Runs with other batch sizes take other steps for the same images.
Place = Literal["step", "epoch", "images", "seconds"]

Floats = NDArray[np.float64]


def places(job: Job, epochs: Sequence[EpochPoint], steps: NDArray[np.intp], place: Place) -> Floats:
    """Return where *steps* of a job lie on an axis that counts *place*.

    Within an epoch, epochs and seconds pass evenly. The seconds of an epoch that has not ended are not known.

    Args:
        job: The job.
        epochs: Its finished epochs.
        steps: From 1.
        place: What the axis counts.

    Shapes:
        steps and the result: (points,); NaN where the place is not known.
    """
    if place == "step":
        return steps.astype(np.float64)
    if place == "images":
        return np.asarray(steps * job.config.batch_size, np.float64)
    ends = np.array([0, *(epoch.step for epoch in epochs)])
    if place == "seconds":
        seconds = np.cumsum([0.0, *(epoch.seconds for epoch in epochs)])
        return np.asarray(np.interp(steps, ends, seconds, right=np.nan), np.float64)
    total = job.progress.total_steps
    an_epoch = total / job.config.epochs if total else float(ends[min(1, len(epochs))])
    beyond = (steps - ends[-1]) / an_epoch if an_epoch else np.full(len(steps), np.nan)
    within = np.interp(steps, ends, np.arange(len(ends)))
    return np.asarray(np.where(steps <= ends[-1], within, len(epochs) + beyond), np.float64)
