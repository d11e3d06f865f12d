"""Names for the ways in which training fails: a code for programs, a sentence for people."""

import errno
import signal

import naivenet
from service.domain.job import Failure
from service.errors import CorruptCheckpoint, InvalidInput, ServiceError, StorageFull, Unavailable


class Diverged(ServiceError):
    """A loss is no longer a finite number.

    Args:
        step: The step at which it happened.
        loss: What the loss was.
        learning_rate: The rate in force.
    """

    def __init__(self, *, step: int, loss: float, learning_rate: float) -> None:
        super().__init__(
            f"The loss became {loss} at step {step}, with a learning rate of {learning_rate:g}: training has diverged. "
            "Try a smaller learning rate, or other initial weights."
        )


class OverTime(ServiceError):
    """A job has trained for as long as one may.

    Args:
        limit_s: How long that is, in seconds.
    """

    def __init__(self, limit_s: float) -> None:
        super().__init__(
            f"The job has trained for {limit_s:g} seconds, as long as one may. "
            "Its history and its last checkpoint stay: a fork goes on from there."
        )


#: With which status a worker ends that takes more memory than it may: no way leads back from there, nor to a database.
OUT_OF_MEMORY_STATUS = 71

INVALID_CONFIGURATION, INTERNAL_ERROR = "invalid_configuration", "internal_error"

#: What should not have come this far, as configurations are checked when they come: the log tells where it arose.
UNFORESEEN = frozenset({INVALID_CONFIGURATION, INTERNAL_ERROR})

_CODES: tuple[tuple[type[BaseException], str], ...] = (
    (Diverged, "diverged"),
    (CorruptCheckpoint, "checkpoint_corrupt"),
    (naivenet.CheckpointError, "checkpoint_unfit"),
    (naivenet.DatasetError, "dataset_unreadable"),
    (naivenet.NaivenetError, INVALID_CONFIGURATION),
    (InvalidInput, INVALID_CONFIGURATION),
    (OverTime, "time_limit"),
    (MemoryError, "out_of_memory"),
    (StorageFull, "disk_full"),
    (Unavailable, "storage_unavailable"),
)


#: How workers are lost, and every code that a failed job can have.
LOST = ("worker_killed", "worker_lost")
CODES = tuple(dict.fromkeys([*(code for _, code in _CODES), *LOST, INTERNAL_ERROR]))


def failure_of(error: BaseException) -> Failure:
    """The name of what went wrong."""
    if _is_full(error):
        return Failure(code="disk_full", message="There is no space left where the checkpoints or the database lie.")
    if type(error).__name__ == "ResourceExhaustedError":  # TensorFlow's, which is not imported to be compared with
        return Failure(code="out_of_memory", message="The network and its batch do not fit into memory.")
    for kind, code in _CODES:
        if isinstance(error, kind):
            return Failure(code=code, message=str(error) or "The process ran out of memory.")
    return Failure(code=INTERNAL_ERROR, message=f"{type(error).__name__}: {error}")


def _is_full(error: BaseException) -> bool:
    """Whether there was no space: SQLite says so in words, under an error that means many things."""
    if isinstance(error, OSError):
        return error.errno in {errno.ENOSPC, errno.EDQUOT}
    return isinstance(error, Unavailable) and "is full" in str(error)


def lost(exit_code: int | None) -> Failure:
    """Why a worker that is gone did not finish; *exit_code* as `multiprocessing` tells it, None where nobody knows."""
    if exit_code is None:
        return Failure(code="worker_lost", message="Nothing was heard of the training process for too long.")
    if exit_code == OUT_OF_MEMORY_STATUS:
        return Failure(code="out_of_memory", message="The network and its batch take more memory than a job may.")
    if exit_code < 0:
        return Failure(code="worker_killed", message=f"The training process was ended by {_signal_name(-exit_code)}.")
    return Failure(
        code="worker_lost", message=f"The training process ended with status {exit_code} before it was done."
    )


def _signal_name(number: int) -> str:
    try:
        name = signal.Signals(number).name
    except ValueError:
        name = "an unknown one"
    hint = ", which is also how a system that is short of memory ends one" if name == "SIGKILL" else ""
    return f"signal {number} ({name}){hint}"
