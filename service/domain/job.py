"""A job and the rules of its life."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

import naivenet
from service.domain.config import JobConfig
from service.domain.key import Creator
from service.errors import InvalidTransition


class Status(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"  # waits for a worker
    RUNNING = "running"  # a worker trains it
    PAUSING = "pausing"  # its worker has been asked to save and go
    PAUSED = "paused"  # saved, and waits until somebody resumes it
    CANCELLING = "cancelling"  # its worker has been asked to stop
    SUCCEEDED = "succeeded"  # trained to the end
    FAILED = "failed"  # ended by an error, which it carries
    CANCELLED = "cancelled"  # ended by request


#: What may follow what. Everything that changes a status consults this table through `check_transition`.
TRANSITIONS: Mapping[Status, frozenset[Status]] = {
    Status.QUEUED: frozenset({Status.RUNNING, Status.PAUSED, Status.CANCELLED}),
    Status.RUNNING: frozenset({Status.QUEUED, Status.PAUSING, Status.CANCELLING, Status.SUCCEEDED, Status.FAILED}),
    Status.PAUSING: frozenset({Status.RUNNING, Status.PAUSED, Status.CANCELLING, Status.SUCCEEDED, Status.FAILED}),
    Status.PAUSED: frozenset({Status.QUEUED, Status.CANCELLED}),
    Status.CANCELLING: frozenset({Status.CANCELLED}),
    Status.SUCCEEDED: frozenset(),
    Status.FAILED: frozenset(),
    Status.CANCELLED: frozenset(),
}

TERMINAL = frozenset(status for status, following in TRANSITIONS.items() if not following)

#: Where a worker is at work.
LIVE = frozenset({Status.RUNNING, Status.PAUSING, Status.CANCELLING})

Action = Literal["cancel", "pause", "resume"]

#: What a job becomes when a client asks, by where it stands; where nothing is said it is refused.
ACTIONS: Mapping[Action, Mapping[Status, Status]] = {
    "cancel": {
        Status.QUEUED: Status.CANCELLED,
        Status.RUNNING: Status.CANCELLING,
        Status.PAUSING: Status.CANCELLING,
        Status.PAUSED: Status.CANCELLED,
        Status.CANCELLING: Status.CANCELLING,
        Status.CANCELLED: Status.CANCELLED,
    },
    "pause": {
        Status.QUEUED: Status.PAUSED,
        Status.RUNNING: Status.PAUSING,
        Status.PAUSING: Status.PAUSING,
        Status.PAUSED: Status.PAUSED,
    },
    "resume": {
        Status.PAUSED: Status.QUEUED,
        Status.PAUSING: Status.RUNNING,
        Status.QUEUED: Status.QUEUED,
        Status.RUNNING: Status.RUNNING,
    },
}


def check_transition(current: Status, wanted: Status) -> None:
    """Refuse a change that the table does not know.

    Raises:
        InvalidTransition: A job that is *current* cannot become *wanted*.
    """
    if wanted not in TRANSITIONS[current]:
        raise InvalidTransition(f"A job that is {current} cannot become {wanted}.")


def status_after(action: Action, current: Status) -> Status:
    """What a job that is *current* becomes on *request*.

    Raises:
        InvalidTransition: The request cannot be met from there.
    """
    if current not in ACTIONS[action]:
        raise InvalidTransition(f"A job that is {current} cannot be asked to {action}.")
    return ACTIONS[action][current]


def diagram() -> str:
    """The table of transitions as a Mermaid state diagram, which ``docs/jobs.md`` shows."""
    arrows = [
        f"    {one} --> {other}" for one, following in TRANSITIONS.items() for other in Status if other in following
    ]
    ends = [f"    {status} --> [*]" for status in Status if status in TERMINAL]
    return "\n".join(["stateDiagram-v2", "    [*] --> queued", *arrows, *ends])


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a job has come; steps and epochs count from 1, 0 means none yet."""

    epoch: int = 0
    step: int = 0
    total_steps: int | None = None
    samples_per_second: float | None = None


@dataclass(frozen=True, kw_only=True)
class Result:
    """The figures of a job's last epoch, or of the one that early stopping went back to, and what came of it.

    Attributes:
        stopped_epoch: The epoch after which training was stopped early; None where it ran to its end.
    """

    train_loss: float
    train_accuracy: float
    validation_loss: float | None
    validation_accuracy: float | None
    test_loss: float
    test_accuracy: float
    checkpoint_id: str
    model_version: int | None
    stopped_epoch: int | None = None


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Why a job failed: a stable *code* for programs, a sentence for people."""

    code: str
    message: str


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Which request asked for a job, so that what its worker does can be found with it.

    Attributes:
        request_id: That request's ``X-Request-ID``.
        traceparent: The trace that it belongs to, as W3C Trace Context writes it; None where nobody traces.
    """

    request_id: str | None = None
    traceparent: str | None = None


@dataclass(frozen=True, kw_only=True)
class Job:
    """A training run, as it stands.

    Attributes:
        config: As resolved: every field, the seed drawn.
        queue_position: 1 for the next to start; None unless queued.
        attempt: How many workers have been given it; 0 before the first.
        created_by: The key that it was made with; None where none was asked for.
        trained_s: How long its workers have trained, in seconds.
        threads: Of its worker, the same for all of the job's life, as results depend on it; None before the first.
    """

    id: str
    config: JobConfig
    status: Status
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    queue_position: int | None
    progress: Progress
    result: Result | None
    error: Failure | None
    parent_id: str | None
    attempt: int
    threads: int | None
    created_by: Creator | None = None
    trained_s: float = 0.0
    origin: Origin = Origin()

    @property
    def execution(self) -> naivenet.Execution:
        """How its steps are executed; as its threads and its length, the same for all of its life."""
        return naivenet.fitting_execution(steps=self.progress.total_steps or 0, threads=self.threads or 1)

    def estimated_finish(self, now: datetime) -> datetime | None:
        """When training ends at the present rate; None unless it is known to be running at some rate."""
        p = self.progress
        if self.status is not Status.RUNNING or p.total_steps is None or not p.samples_per_second:
            return None
        remaining_s = (p.total_steps - p.step) * self.config.batch_size / p.samples_per_second
        return now + timedelta(seconds=remaining_s)
