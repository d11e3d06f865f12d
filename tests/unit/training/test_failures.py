"""Every way in which training fails has a name."""

import errno
import signal

import pytest

import naivenet
from service.errors import CorruptCheckpoint, StorageFull, Unavailable
from service.training.failures import OUT_OF_MEMORY_STATUS, Diverged, TimeLimitExceeded, failure_of, lost_worker


class ResourceExhaustedError(Exception):
    """Named as TensorFlow's."""


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
def test_a_failure_has_a_code_and_a_sentence(error: BaseException, code: str) -> None:
    """Each error has its code, and a text for people."""
    failure = failure_of(error)
    assert failure.code == code
    assert failure.message


def test_a_divergence_says_where_and_at_which_rate() -> None:
    """Step and learning rate are in the text."""
    message = failure_of(Diverged(step=3, loss=float("inf"), learning_rate=0.25)).message
    assert "at step 3" in message
    assert "0.25" in message


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_a_killed_worker_names_the_signal(number: signal.Signals) -> None:
    """The signal is named; after SIGKILL memory is mentioned."""
    failure = lost_worker(-number)
    assert failure.code == "worker_killed"
    assert number.name in failure.message
    assert ("memory" in failure.message) == (number is signal.SIGKILL)


def test_an_unknown_signal_is_told_by_number() -> None:
    """A number that no signal has is told as it is."""
    assert "signal 200" in lost_worker(-200).message


@pytest.mark.parametrize("exit_code", [None, 1])
def test_a_worker_that_is_gone_is_lost(exit_code: int | None) -> None:
    """Silent, or ended with a status: lost."""
    assert lost_worker(exit_code).code == "worker_lost"


def test_a_worker_that_took_too_much_memory_says_so_by_its_status() -> None:
    """It has no time for more."""
    assert lost_worker(OUT_OF_MEMORY_STATUS).code == "out_of_memory"
