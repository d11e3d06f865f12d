"""Every failure of a training has a code and a message."""

import errno
import signal

import pytest

import naivenet
from service.errors import CorruptCheckpoint, StorageFull, Unavailable
from service.training.failures import (
    DISK_FULL_STATUS,
    OUT_OF_MEMORY_STATUS,
    UNAVAILABLE_STATUS,
    Diverged,
    TimeLimitExceeded,
    failure_of,
    lost_worker,
    released_worker,
)


class ResourceExhaustedError(Exception):
    """Has the name of TensorFlow's error."""


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Diverged(step=3, loss=float("nan"), learning_rate=0.1), "diverged"),
        (CorruptCheckpoint("damaged"), "checkpoint_corrupt"),
        (naivenet.CheckpointError("other shapes"), "checkpoint_unfit"),
        (naivenet.DatasetError("torn"), "dataset_unreadable"),
        (naivenet.ParameterError("out of range"), "invalid_configuration"),
        (TimeLimitExceeded(60), "time_limit"),
        (MemoryError(), "out_of_memory"),
        (ResourceExhaustedError("OOM when allocating"), "out_of_memory"),
        (StorageFull("full"), "disk_full"),
        (OSError(errno.ENOSPC, "No space left on device"), "disk_full"),
        (OSError(errno.EDQUOT, "Quota exceeded"), "disk_full"),
        (Unavailable("The database does not answer: database or disk is full.", retry_after_s=1), "disk_full"),
        (Unavailable("The database does not answer: locked.", retry_after_s=1), "storage_unavailable"),
        (ZeroDivisionError("a bug"), "internal_error"),
    ],
    ids=lambda each: each if isinstance(each, str) else type(each).__name__,
)
def test_a_failure_has_a_code_and_a_message(error: BaseException, code: str) -> None:
    """Each error has its code, and a message for people."""
    failure = failure_of(error)
    assert failure.code == code
    assert failure.message


def test_a_divergence_names_step_and_learning_rate() -> None:
    """The message has the step and the learning rate."""
    message = failure_of(Diverged(step=3, loss=float("inf"), learning_rate=0.25)).message
    assert "at step 3" in message
    assert "0.25" in message


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_a_killed_worker_names_the_signal(number: signal.Signals) -> None:
    """The message names the signal; for SIGKILL it mentions memory."""
    failure = lost_worker(-number)
    assert failure.code == "worker_killed"
    assert number.name in failure.message
    assert ("memory" in failure.message) == (number is signal.SIGKILL)


def test_an_unknown_signal_is_named_by_its_number() -> None:
    """The message has the number of a signal without a name."""
    assert "signal 200" in lost_worker(-200).message


@pytest.mark.parametrize("exit_code", [None, 1])
def test_a_worker_without_a_report_is_lost(exit_code: int | None) -> None:
    """A worker that is silent or ended with an exit status counts as lost."""
    assert lost_worker(exit_code).code == "worker_lost"


def test_the_exit_status_of_a_worker_shows_that_it_exceeded_its_memory() -> None:
    """The worker ends at once and reports nothing else."""
    assert lost_worker(OUT_OF_MEMORY_STATUS).code == "out_of_memory"


@pytest.mark.parametrize(
    ("exit_code", "code"), [(UNAVAILABLE_STATUS, "storage_unavailable"), (DISK_FULL_STATUS, "disk_full")]
)
def test_a_worker_that_cannot_write_releases_its_job(exit_code: int, code: str) -> None:
    """The reason says that the job goes on by itself."""
    reason = released_worker(exit_code)
    assert reason
    assert reason.code == code
    assert "The job goes on when" in reason.message


@pytest.mark.parametrize("exit_code", [None, 0, 1, -9, OUT_OF_MEMORY_STATUS])
def test_any_other_end_is_no_release(exit_code: int | None) -> None:
    """A worker that was killed or ended otherwise costs an attempt."""
    assert released_worker(exit_code) is None
