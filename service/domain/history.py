"""What a job's training left behind, step by step and epoch by epoch."""

from array import array
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True)
class LossChunk:
    """The losses of consecutive steps of one epoch.

    Attributes:
        first_step: The number of the first, from 1.
        epoch: From 1.
        losses: One a step, as an array of float32 ("f").
    """

    first_step: int
    epoch: int
    losses: "array[float]"

    @property
    def last_step(self) -> int:
        """The number of the last step."""
        return self.first_step + len(self.losses) - 1


def newer(chunk: LossChunk, after: int) -> LossChunk:
    """The chunk without its steps up to *after*."""
    first = max(chunk.first_step, after + 1)
    return replace(chunk, first_step=first, losses=chunk.losses[first - chunk.first_step :])


@dataclass(frozen=True, kw_only=True)
class LossCurve:
    """The losses of consecutive steps, over as many epochs as they take.

    Attributes:
        first_step: The number of the first, from 1.
        losses: One a step.
        chunk_starts: The first steps of the chunks that they are kept in.
        chunk_epochs: The epochs of those.

    Shapes:
        losses: (steps,), float32.
        chunk_starts, chunk_epochs: (chunks,), ascending.
    """

    first_step: int
    losses: NDArray[np.float32]
    chunk_starts: NDArray[np.intp]
    chunk_epochs: NDArray[np.intp]

    @property
    def last_step(self) -> int:
        """The number of the last step; the one before the first where there is none."""
        return self.first_step + len(self.losses) - 1

    def between(self, first_step: int, last_step: int) -> NDArray[np.float32]:
        """The losses of these steps and those in between, all of them steps of this curve."""
        return self.losses[first_step - self.first_step : last_step - self.first_step + 1]

    def epochs_of(self, steps: NDArray[np.intp]) -> NDArray[np.intp]:
        """The epoch of each of *steps*, all of them steps of this curve."""
        return self.chunk_epochs[np.searchsorted(self.chunk_starts, steps, side="right") - 1]


@dataclass(frozen=True, kw_only=True)
class EpochPoint:
    """The figures of one epoch; those that were not asked for are None.

    Attributes:
        train_loss: Mean over the epoch's steps, while the weights were changing; so is *train_accuracy*.
        seconds: Time the epoch's training took, without evaluation.
    """

    epoch: int
    step: int
    train_loss: float
    train_accuracy: float
    validation_loss: float | None
    validation_accuracy: float | None
    test_loss: float | None
    test_accuracy: float | None
    seconds: float
