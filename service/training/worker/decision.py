"""Decides what a run does after each event of its training. Pure: `Run` gathers the facts and acts."""

from dataclasses import dataclass
from enum import Enum, auto

from service.domain.worker_messages import Instructions


class Action(Enum):
    """What a run does next."""

    CANCEL = auto()  # end at once, without a checkpoint
    FINISH = auto()  # save; the job is complete
    TIME_OUT = auto()  # save; the job fails, because its time is used up
    PAUSE = auto()  # save, free the worker, and leave the job paused
    RELEASE = auto()  # save, free the worker, and put the job back into the queue
    SAVE = auto()  # save, and train on
    CONTINUE = auto()  # train on

    @property
    def saves(self) -> bool:
        """Whether the action begins with a checkpoint."""
        return self not in {Action.CANCEL, Action.CONTINUE}

    @property
    def ends_the_job(self) -> bool:
        """Whether no step may follow, so that a requested change is not applied any more."""
        return self in {Action.CANCEL, Action.FINISH}


@dataclass(frozen=True, kw_only=True)
class Situation:
    """The facts after an event.

    Attributes:
        instructions: What the store answered to the last report.
        is_complete: The last epoch has ended, or early stopping has ended the training.
        is_out_of_time: The job has trained for as long as a job may.
        is_released: The trainer has asked the worker to end.
        is_checkpoint_due: The event ends an epoch after which the configuration wants a checkpoint.
    """

    instructions: Instructions
    is_complete: bool = False
    is_out_of_time: bool = False
    is_released: bool = False
    is_checkpoint_due: bool = False


def decide(now: Situation) -> Action:  # noqa: PLR0911  # one return a rule
    """Return what to do next. The rules are in order of precedence: the first that applies decides."""
    if now.instructions.stop:
        return Action.CANCEL
    if now.is_complete:
        return Action.FINISH
    if now.is_out_of_time:
        return Action.TIME_OUT
    if now.instructions.pause:
        return Action.PAUSE
    if now.is_released:
        return Action.RELEASE
    if now.instructions.saves or now.is_checkpoint_due:
        return Action.SAVE
    return Action.CONTINUE
