"""What training tells as it goes, and the little that it needs to go on."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True)
class Position:
    """Where a run stands: with the weights and the optimizer's slots, all that is needed to go on exactly.

    Attributes:
        step: Steps taken since the beginning.
        correct: Samples read right so far in the epoch under way.
        loss_sum: Sum of their losses.
    """

    step: int = 0
    correct: int = 0
    loss_sum: float = 0.0

    @property
    def within_epoch(self) -> bool:
        """Whether samples were seen since the last epoch ended: were their loss 0, they would be correct."""
        return (self.correct, self.loss_sum) != (0, 0.0)

    def after(self, losses: NDArray[np.float32], correct: NDArray[np.int32], *, batch_size: int) -> "Position":
        """Where the run stands after more steps of *batch_size* samples each. Shapes: (steps,) both."""
        loss_sum = self.loss_sum
        for loss in losses:  # one by one, so that the sum does not depend on where a chunk ends
            loss_sum += float(loss) * batch_size
        return Position(step=self.step + len(losses), correct=self.correct + int(correct.sum()), loss_sum=loss_sum)


@dataclass(frozen=True, kw_only=True, eq=False)
class Steps:
    """Some steps, all in one epoch, just taken.

    Attributes:
        first_step: Number of the first of them, counted from 1 over the whole run.
        epoch: Their epoch, counted from 1.
        losses: Average loss of each step's batch. Shape: (steps,).
        position: Where the run stands after them.
        seconds: How long they took.
    """

    first_step: int
    epoch: int
    losses: NDArray[np.float32]
    position: Position
    seconds: float

    @property
    def last_step(self) -> int:
        """Number of the last of them."""
        return self.position.step


@dataclass(frozen=True, kw_only=True)
class EpochEnd:
    """An epoch that is complete.

    Attributes:
        epoch: Its number, counted from 1.
        step: Number of its last step.
        train_loss: Average loss over its samples, each as it was when its batch was trained on.
        train_accuracy: Share of its samples that were read right then.
        validation_loss: Loss on the validation images with the weights as they are now; None without any.
        validation_accuracy: Share of them that is read right.
        test_loss: The same on the test images.
        test_accuracy: Share of them that is read right.
        seconds: How long this run worked on the epoch, evaluation included.
        position: Where the run stands.
    """

    epoch: int
    step: int
    train_loss: float
    train_accuracy: float
    validation_loss: float | None = None
    validation_accuracy: float | None = None
    test_loss: float | None = None
    test_accuracy: float | None = None
    seconds: float
    position: Position


@dataclass(frozen=True, kw_only=True, eq=False)
class History:
    """A whole run: the loss of every step, shape (steps,), and its epochs."""

    losses: NDArray[np.float32]
    epochs: tuple[EpochEnd, ...]
