"""A job's history: the loss of each step and the metrics of each epoch."""

from array import array
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Split = Literal["test", "train"]


@dataclass(frozen=True, kw_only=True)
class LossChunk:
    """The losses of consecutive steps of one epoch.

    Attributes:
        first_step: The number of the first step, from 1.
        epoch: From 1.
        losses: One per step, as an array of float32 ("f").
    """

    first_step: int
    epoch: int
    losses: "array[float]"

    @property
    def last_step(self) -> int:
        """The number of the last step."""
        return self.first_step + len(self.losses) - 1


def newer(chunk: LossChunk, after: int) -> LossChunk:
    """Return the chunk without its steps up to *after*."""
    first = max(chunk.first_step, after + 1)
    return replace(chunk, first_step=first, losses=chunk.losses[first - chunk.first_step :])


@dataclass(frozen=True, kw_only=True)
class LossCurve:
    """The losses of consecutive steps, which may span epochs.

    Attributes:
        first_step: The number of the first step, from 1.
        losses: One per step.
        chunk_starts: The first steps of the chunks that store them.
        chunk_epochs: The epochs of these chunks.

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
        """The number of the last step; one less than the first if the curve is empty."""
        return self.first_step + len(self.losses) - 1

    def up_to(self, last_step: int) -> "LossCurve":
        """Return the curve without its steps after *last_step*."""
        return replace(self, losses=self.losses[: max(last_step - self.first_step + 1, 0)])

    def between(self, first_step: int, last_step: int) -> NDArray[np.float32]:
        """Return the losses from *first_step* to *last_step*; the curve must contain both."""
        return self.losses[first_step - self.first_step : last_step - self.first_step + 1]

    def epochs_of(self, steps: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return the epoch of each of *steps*; the curve must contain them all."""
        return self.chunk_epochs[np.searchsorted(self.chunk_starts, steps, side="right") - 1]


@dataclass(frozen=True, kw_only=True)
class SetMetrics:
    """The metrics on the pictures of one dataset.

    Attributes:
        split: Which of its pictures: the test pictures, or the training pictures of a dataset without any for testing.
        samples: Their number.
    """

    dataset: str
    split: Split
    samples: int
    loss: float
    accuracy: float


@dataclass(frozen=True, kw_only=True)
class EpochPoint:
    """The metrics of one epoch; metrics that were not measured are None.

    Attributes:
        sets: The metrics on each dataset of a mix; empty for a job that trains on one.
        train_loss: The mean over the epoch's steps, while the weights were changing; *train_accuracy* likewise.
        seconds: The time of the epoch's training, without the evaluation.
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
    sets: tuple[SetMetrics, ...] = ()
