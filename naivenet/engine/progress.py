"""The bookkeeping of a run: its position, its clock and its events."""

import time

import numpy as np
from numpy.typing import ArrayLike

from naivenet.batches import count_batches
from naivenet.engine.events import EpochEnd, Position, SetMetrics, Steps


class Progress:
    """Counts the steps of a run, and makes the events that report them.

    Args:
        samples: Number of images that an epoch shows.
        batch_size: Images in each step.
        epochs: Number of epochs from the beginning of the run.
        position: Where the run starts.

    Attributes:
        batches: Steps in each epoch.
        steps: Steps of the whole run.
        position: The current position.
    """

    def __init__(self, *, samples: int, batch_size: int, epochs: int, position: Position) -> None:
        self._samples = samples
        self.batches = count_batches(samples, batch_size)
        self.steps = epochs * self.batches
        self.position = position
        self._epoch_seconds = 0.0
        self.start_clock()

    @property
    def finished(self) -> bool:
        """Whether all epochs are complete."""
        return self.position.step >= self.steps and not self.position.within_epoch

    @property
    def epoch_is_due(self) -> bool:
        """Whether all steps of the current epoch are done, and only its end is missing."""
        return self.position.within_epoch and self.position.step % self.batches == 0

    def start_clock(self) -> None:
        """Measure the next event from now on; without a call, from the previous event on."""
        self._since = time.perf_counter()

    def steps_done(self, losses: ArrayLike, correct: ArrayLike, *, batch_size: int) -> Steps:
        """Report completed steps. Shapes: losses and correct predictions (steps,)."""
        before, seconds = self.position, self._lap()
        each_loss = np.asarray(losses, np.float32)
        self.position = before.after(each_loss, np.asarray(correct, np.int32), batch_size=batch_size)
        return Steps(
            first_step=before.step + 1,
            epoch=before.step // self.batches + 1,
            losses=each_loss,
            position=self.position,
            seconds=seconds,
        )

    def epoch_done(self, metrics: dict[str, float], *, sets: tuple[SetMetrics, ...] = ()) -> EpochEnd:
        """Report the end of an epoch, with the *metrics* on validation and test images, and those on further *sets*."""
        done = self.position
        self.position = Position(step=done.step)
        self._lap()
        seconds, self._epoch_seconds = self._epoch_seconds, 0.0
        return EpochEnd(
            epoch=done.step // self.batches,
            step=done.step,
            train_loss=done.loss_sum / self._samples,
            train_accuracy=done.correct / self._samples,
            sets=sets,
            seconds=seconds,
            position=self.position,
            **metrics,
        )

    def _lap(self) -> float:
        now = time.perf_counter()
        seconds, self._since = now - self._since, now
        self._epoch_seconds += seconds
        return seconds
