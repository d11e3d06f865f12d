"""Decides what a run does after each event of its training. Pure: `Run` gathers the facts and acts."""

import math
from dataclasses import dataclass
from enum import Enum, auto

from service.domain.worker_messages import Instructions

#: The largest share of the training time that automatic checkpoints may take: where saving is slow, they are rarer.
LARGEST_SAVING_SHARE = 0.05


class Action(Enum):
    """What a run does next."""

    CANCEL = auto()  # end at once, without a checkpoint
    FINISH = auto()  # save; the job is complete
    TIME_OUT = auto()  # save; the job fails, because its time is used up
    PAUSE = auto()  # save, free the worker, and leave the job paused
    RELEASE = auto()  # save, free the worker, and put the job back into the queue
    SAVE = auto()  # save, and train on
    SAVE_AUTOMATICALLY = auto()  # the same, with a checkpoint that the next one replaces
    CONTINUE = auto()  # train on

    @property
    def saves(self) -> bool:
        """Whether the action begins with a checkpoint."""
        return self not in {Action.CANCEL, Action.CONTINUE}

    @property
    def trains_on(self) -> bool:
        """Whether the attempt goes on."""
        return self in {Action.SAVE, Action.SAVE_AUTOMATICALLY, Action.CONTINUE}

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
        is_automatic_due: The last checkpoint is older than the configuration allows within an epoch.
    """

    instructions: Instructions
    is_complete: bool = False
    is_out_of_time: bool = False
    is_released: bool = False
    is_checkpoint_due: bool = False
    is_automatic_due: bool = False


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
    if now.is_automatic_due:
        return Action.SAVE_AUTOMATICALLY
    return Action.CONTINUE


def wait_for_automatic_s(every_s: float | None, *, cost_s: float) -> float:
    """Return how many seconds after a checkpoint an automatic one is due, if saving the last one took *cost_s*."""
    return max(every_s, cost_s / LARGEST_SAVING_SHARE) if every_s else math.inf
