"""Why training fails: a code for programs and a message for people."""

import errno
import signal

import naivenet
from service.domain.job import Failure
from service.errors import CorruptCheckpoint, InvalidInput, ServiceError, StorageFull, Unavailable


class Diverged(ServiceError):
    """A loss is not a finite number.

    Args:
        step: The step of the loss.
        loss: Its value.
        learning_rate: The learning rate of that step.
    """

    def __init__(self, *, step: int, loss: float, learning_rate: float) -> None:
        super().__init__(
            f"The loss became {loss} at step {step}, with a learning rate of {learning_rate:g}: training has diverged. "
            "Try a smaller learning rate, or other initial weights."
        )


class TimeLimitExceeded(ServiceError):
    """A job has trained for as long as a job may.

    Args:
        limit_s: The limit in seconds.
    """

    def __init__(self, limit_s: float) -> None:
        super().__init__(
            f"The job reached the time limit of {limit_s:g} seconds of training. Its history and its last checkpoint "
            "are kept; fork the job to continue from there."
        )


#: The exit status of a worker that exceeded its memory limit: it ends at once and reports nothing.
OUT_OF_MEMORY_STATUS = 71

#: The exit status of a worker that could not reach the database or the checkpoint store: its job loses no attempt.
UNAVAILABLE_STATUS = 75

#: The exit status of a worker whose checkpoint or report found a full disk: its job loses no attempt.
DISK_FULL_STATUS = 73

#: In place of an exit status: the worker's node has left the cluster, or the cluster its trainer. No attempt is lost.
NODE_LOST_STATUS = 69

INVALID_CONFIGURATION, INTERNAL_ERROR = "invalid_configuration", "internal_error"

#: Failures that the checks of a request should have prevented; their traceback is logged.
UNEXPECTED = frozenset({INVALID_CONFIGURATION, INTERNAL_ERROR})

_CODES: tuple[tuple[type[BaseException], str], ...] = (
    (Diverged, "diverged"),
    (CorruptCheckpoint, "checkpoint_corrupt"),
    (naivenet.CheckpointError, "checkpoint_unfit"),
    (naivenet.DatasetError, "dataset_unreadable"),
    (naivenet.NaivenetError, INVALID_CONFIGURATION),
    (InvalidInput, INVALID_CONFIGURATION),
    (TimeLimitExceeded, "time_limit"),
    (MemoryError, "out_of_memory"),
    (StorageFull, "disk_full"),
    (Unavailable, "storage_unavailable"),
)


#: The codes of a lost worker, and every code that a failed job can have.
LOST = ("worker_killed", "worker_lost")
CODES = tuple(dict.fromkeys([*(code for _, code in _CODES), *LOST, INTERNAL_ERROR]))

_DISK_FULL = "The disk of the checkpoints or of the database is full. The job goes on when there is space again."

_TOO_LITTLE_MEMORY = "Use a smaller network or batch_size, or raise the memory limit for jobs."


def failure_of(error: BaseException) -> Failure:
    """Return the failure that *error* means for a job."""
    if _is_disk_full(error):
        return Failure(code="disk_full", message=_DISK_FULL)
    if type(error).__name__ == "ResourceExhaustedError":  # TensorFlow's; by name, since importing TensorFlow is slow
        message = f"The network and its batch do not fit into memory. {_TOO_LITTLE_MEMORY}"
        return Failure(code="out_of_memory", message=message)
    for kind, code in _CODES:
        if isinstance(error, kind):
            return Failure(code=code, message=str(error) or f"The worker ran out of memory. {_TOO_LITTLE_MEMORY}")
    return Failure(code=INTERNAL_ERROR, message=f"{type(error).__name__}: {error}")


def _is_disk_full(error: BaseException) -> bool:
    """Return whether the disk is full. SQLite raises the same error for many causes; only its text names this one."""
    if isinstance(error, OSError):
        return error.errno in {errno.ENOSPC, errno.EDQUOT}
    return isinstance(error, Unavailable) and "is full" in str(error)


def ended_processes() -> Failure:
    """Return why a worker was lost whose trainer has ended, too, as after a power cut."""
    message = "The worker and its trainer have ended without a report, as after a power cut or a kill."
    return Failure(code="worker_lost", message=message)


def released_worker(exit_code: int | None) -> Failure | None:
    """Return why a worker with this exit status has released its job; None if it has not."""
    if exit_code == UNAVAILABLE_STATUS:
        message = "The database or the checkpoint store did not answer for a minute. The job goes on when it does."
        return Failure(code="storage_unavailable", message=message)
    if exit_code == NODE_LOST_STATUS:
        return lost_node()
    return Failure(code="disk_full", message=_DISK_FULL) if exit_code == DISK_FULL_STATUS else None


def lost_node() -> Failure:
    """Return why a worker was lost with its node, or never got one."""
    message = "The worker's node has left the cluster. The job goes on, on another one."
    return Failure(code="worker_lost", message=message)


def never_started() -> Failure:
    """Return why a claim was released whose worker has never sent a heartbeat."""
    message = "The worker did not start in time. Its machine, or the whole cluster, may be overloaded."
    return Failure(code="worker_lost", message=message)


def lost_worker(exit_code: int | None) -> Failure:
    """Return why a worker was lost: by its exit code as `multiprocessing` gives it, or None if it fell silent."""
    if exit_code is None:
        message = "The worker sent no heartbeat for too long. Its machine may be overloaded, suspended or unreachable."
        return Failure(code="worker_lost", message=message)
    if exit_code == OUT_OF_MEMORY_STATUS:
        message = f"The network and its batch exceed the memory limit for a job. {_TOO_LITTLE_MEMORY}"
        return Failure(code="out_of_memory", message=message)
    if exit_code < 0:
        return Failure(code="worker_killed", message=f"The worker was ended by {_signal_name(-exit_code)}.")
    message = f"The worker ended with exit status {exit_code} before the job was complete; its log says why."
    return Failure(code="worker_lost", message=message)


def _signal_name(number: int) -> str:
    try:
        name = signal.Signals(number).name
    except ValueError:
        name = "unknown"
    hint = "; the operating system sends it when memory runs out" if name == "SIGKILL" else ""
    return f"signal {number} ({name}){hint}"
