"""A job, and the rules by which its status changes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

import naivenet
from service.domain.config import JobConfig
from service.domain.history import SetMetrics
from service.domain.key import Creator
from service.errors import InvalidTransition


class Status(StrEnum):
    """The status of a job."""

    QUEUED = "queued"  # waiting for a worker
    RUNNING = "running"  # being trained by a worker
    PAUSING = "pausing"  # its worker will save a checkpoint and end
    PAUSED = "paused"  # saved; waiting until a client resumes it
    CANCELLING = "cancelling"  # its worker will stop
    SUCCEEDED = "succeeded"  # trained to the end
    FAILED = "failed"  # ended by an error, which the job shows
    CANCELLED = "cancelled"  # ended by a client


#: The allowed transitions. `check_transition` reads this table, and every change of a status calls it.
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

#: The statuses in which a job has a worker.
LIVE = frozenset({Status.RUNNING, Status.PAUSING, Status.CANCELLING})

Action = Literal["cancel", "pause", "resume"]
Device = Literal["cpu", "gpu"]

#: The new status after a client's action, by the present status. An action is refused where the table has none.
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
    """Check that a job that is *current* may become *wanted*.

    Raises:
        InvalidTransition: The table has no such transition.
    """
    if wanted not in TRANSITIONS[current]:
        raise InvalidTransition(f"A job that is {current} cannot become {wanted}.")


def status_after(action: Action, current: Status) -> Status:
    """Return the new status of a job that is *current* after a client's *action*.

    Raises:
        InvalidTransition: The action is not possible in this status.
    """
    if current not in ACTIONS[action]:
        raise InvalidTransition(f"A job that is {current} does not allow the action {action!r}.")
    return ACTIONS[action][current]


@dataclass(frozen=True, kw_only=True)
class Progress:
    """The progress of a job. Steps and epochs count from 1; 0 means none yet."""

    epoch: int = 0
    step: int = 0
    total_steps: int | None = None
    samples_per_second: float | None = None


@dataclass(frozen=True, kw_only=True)
class Result:
    """The result of a job: the metrics of its last epoch, or of the epoch that early stopping restored.

    Attributes:
        stopped_epoch: The epoch after which early stopping ended training; None if all epochs were trained.
        sets: The metrics on each dataset of a mix; empty for a job that trains on one.
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
    sets: tuple[SetMetrics, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Why a job failed: a stable *code* for programs, and a *message* for people."""

    code: str
    message: str


@dataclass(frozen=True, kw_only=True)
class Origin:
    """The request that created a job: the logs and traces of its worker can be found with it.

    Attributes:
        request_id: The request's ``X-Request-ID``.
        traceparent: The request's trace, in the form of W3C Trace Context; None if tracing is off.
        seed_drawn: Whether the request left the seed to the service, which then drew it.
    """

    request_id: str | None = None
    traceparent: str | None = None
    seed_drawn: bool = False


@dataclass(frozen=True, kw_only=True)
class Environment:
    """What the last bits of a run depend on beside its configuration and its threads.

    Attributes:
        processor: Its name, and those of GPUs that TensorFlow uses.
        instruction_set: The one that TensorFlow's matrix products use, by oneDNN's names, such as ``AVX512_CORE``.
        versions: Of naivenet, TensorFlow and NumPy, by name in lower case.
        variables: The variables that change how TensorFlow, XLA and oneDNN compute, where the operator has set them.
        device: What computes the steps: a GPU where TensorFlow finds one.
    """

    processor: str
    instruction_set: str
    versions: Mapping[str, str]
    variables: Mapping[str, str] = field(default_factory=dict)
    device: Device = "cpu"


@dataclass(frozen=True, kw_only=True)
class Job:
    """A training run.

    Attributes:
        config: The resolved configuration: every field has a value, the seed too.
        queue_position: 1 for the next job to start; None if it is not queued.
        estimated_start: When it will start if nothing changes; None if it is not queued, or nothing is known.
        attempt: How many workers have claimed it; 0 before the first.
        created_by: The API key that created it; None if no key was required.
        trained_s: The time that its workers have trained, in seconds.
        threads: The threads of its worker; constant, since results depend on them. None before the first worker.
        environment: That of its newest worker; None before the first one, or if a worker of an older version began it.
        experiment_id: The experiment to which it belongs; None for none.
        arm: The arm of the experiment.
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
    estimated_start: datetime | None = None
    created_by: Creator | None = None
    trained_s: float = 0.0
    origin: Origin = Origin()
    environment: Environment | None = None
    experiment_id: str | None = None
    arm: str | None = None

    @property
    def execution(self) -> naivenet.Execution:
        """How its steps are executed; constant, as it follows from the job's threads and length."""
        steps, threads = self.progress.total_steps or 0, self.threads or 1
        return naivenet.fitting_execution(steps=steps, threads=threads, precision=self.config.precision)

    def estimated_finish(self, now: datetime) -> datetime | None:
        """Return when training will end at the present rate; None unless the job runs and the rate is known."""
        p = self.progress
        left_s = remaining_s(p.step, p.total_steps, batch_size=self.config.batch_size, rate=p.samples_per_second)
        return now + timedelta(seconds=left_s) if self.status is Status.RUNNING and left_s is not None else None


def remaining_s(step: int, total_steps: int | None, *, batch_size: int, rate: float | None) -> float | None:
    """Return how long training still takes at a *rate* in samples per second; None if the rate or length is unknown."""
    return (total_steps - step) * batch_size / rate if total_steps is not None and rate else None
