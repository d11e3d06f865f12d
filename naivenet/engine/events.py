"""The events that training yields, and the position from which a run can resume."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True)
class Position:
    """A position in a run. With the weights and the optimizer's slots, it is all that an exact resume needs.

    Attributes:
        step: Steps since the beginning of the run.
        correct: Correctly predicted samples so far in the current epoch.
        loss_sum: Sum of the losses of these samples.
        within_epoch: Whether an epoch has begun and not ended. It is also true between the last step of an epoch and
            the epoch's end, which evaluates the network.
    """

    step: int = 0
    correct: int = 0
    loss_sum: float = 0.0
    within_epoch: bool = False

    def after(self, losses: NDArray[np.float32], correct: NDArray[np.int32], *, batch_size: int) -> "Position":
        """Return the position after more steps of *batch_size* samples each. Shapes: (steps,) both."""
        loss_sum = self.loss_sum
        for loss in losses:  # one by one, so that the sum does not depend on the size of the chunks
            loss_sum += float(loss) * batch_size
        return Position(
            step=self.step + len(losses),
            correct=self.correct + int(correct.sum()),
            loss_sum=loss_sum,
            within_epoch=True,
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Steps:
    """One or more completed steps of one epoch.

    Attributes:
        first_step: Number of the first of these steps, counted from 1 over the whole run.
        epoch: Their epoch, counted from 1.
        losses: Average loss of each step's batch. Shape: (steps,).
        position: The position of the run after these steps.
        seconds: Their duration.
    """

    first_step: int
    epoch: int
    losses: NDArray[np.float32]
    position: Position
    seconds: float

    @property
    def last_step(self) -> int:
        """Number of the last of these steps."""
        return self.position.step


@dataclass(frozen=True, kw_only=True)
class SetMetrics:
    """The metrics of a network on one of the sets that the option ``sets`` names.

    Attributes:
        name: The name of the set.
        samples: The number of its images.
        loss: Average cross-entropy with the weights at the end of the epoch.
        accuracy: Share of the images that is predicted correctly.
    """

    name: str
    samples: int
    loss: float
    accuracy: float


@dataclass(frozen=True, kw_only=True)
class EpochEnd:
    """A completed epoch.

    Attributes:
        epoch: Its number, counted from 1.
        step: Number of its last step.
        train_loss: Average loss over its samples, each measured before the step that trained on it.
        train_accuracy: Share of its samples that were predicted correctly, measured at the same moment.
        validation_loss: Loss on the validation images with the weights at the end of the epoch; None without any.
        validation_accuracy: Share of the validation images that is predicted correctly.
        test_loss: The same on the test images.
        test_accuracy: Share of the test images that is predicted correctly.
        sets: The metrics on each of the further sets, in their order.
        seconds: Duration of the epoch in this run, evaluation included.
        position: The position of the run.
    """

    epoch: int
    step: int
    train_loss: float
    train_accuracy: float
    validation_loss: float | None = None
    validation_accuracy: float | None = None
    test_loss: float | None = None
    test_accuracy: float | None = None
    sets: tuple[SetMetrics, ...] = ()
    seconds: float
    position: Position
