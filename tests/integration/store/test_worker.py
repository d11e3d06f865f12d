"""A job as its worker sees it: history, fencing tokens, ends and losses."""

import math
from array import array
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from service.composition import Services
from service.domain.claims import Claim, ClaimLost
from service.domain.history import LossChunk
from service.domain.job import Failure, Progress, Status
from service.domain.worker_messages import ProgressReport
from service.errors import InvalidTransition, NotFound
from tests.stored import STEPS_PER_EPOCH, checkpoint, chunk, epoch

Queue = Callable[..., str]
Hold = Callable[..., Claim]

FAILURE = Failure(code="worker_lost", message="It is gone.")


def history(services: Services, claim: Claim) -> list[tuple[int, float]]:
    """Return every recorded step with its loss."""
    curve = services.history.losses(claim.job_id)
    return list(enumerate(curve.losses.tolist(), start=curve.first_step))


def test_a_report_updates_history_and_progress(services: Services, held: Hold) -> None:
    """A report is stored in the history and in the job's progress."""
    claim = held()
    services.workers.begin(claim, threads=2, total_steps=8, from_step=0)
    progress = Progress(epoch=1, step=4, samples_per_second=10.0)
    services.workers.record(claim, ProgressReport(chunks=[chunk(1, 4)], epochs=[epoch(1)], progress=progress))
    job = services.jobs.get(claim.job_id)
    assert job.progress == replace(progress, total_steps=8)
    assert job.threads == 2
    assert history(services, claim) == [(step, step) for step in range(1, 5)]
    assert services.history.epochs(claim.job_id) == [epoch(1)]


def test_newer_losses(services: Services, held: Hold) -> None:
    """Losses after a step are returned, also if the step is inside a chunk."""
    claim = held()
    services.workers.record(claim, ProgressReport(chunks=[chunk(1, 4), chunk(5, 8)], epochs=[epoch(1), epoch(2)]))
    newer = services.history.losses(claim.job_id, after=2)
    assert (newer.first_step, newer.losses.tolist(), newer.last_step) == (3, [3, 4, 5, 6, 7, 8], 8)
    assert newer.epochs_of(np.array([3, 4, 5, 8])).tolist() == [1, 1, 2, 2]
    assert services.history.epochs(claim.job_id, after=4) == [epoch(2)]
    assert services.history.losses(claim.job_id, after=8).losses.tolist() == []


def test_nonfinite_losses_are_stored(services: Services, held: Hold) -> None:
    """NaN and infinite losses are read as they were written."""
    claim = held()
    losses = array("f", [1.5, math.nan, math.inf, -math.inf])
    services.workers.record(claim, ProgressReport(chunks=[LossChunk(first_step=1, epoch=1, losses=losses)]))
    assert services.history.losses(claim.job_id).losses.tobytes() == losses.tobytes()


def test_resuming_leaves_no_gap_and_no_overlap(services: Services, held: Hold) -> None:
    """Recorded steps stay, and steps that are trained again are not recorded again."""
    first = held()
    services.workers.begin(first, threads=2, total_steps=12, from_step=0)
    records = ProgressReport(
        chunks=[chunk(1, 4), chunk(5, 6), chunk(7, 8), chunk(9, 10)],
        epochs=[epoch(1), epoch(2)],
        progress=Progress(epoch=3, step=10),
    )
    services.workers.record(first, records)
    services.claims.reclaim(first, max_attempts=3, failure=FAILURE)
    second = services.claims.acquire(max_running=1)
    assert second == replace(first, attempt=2)
    services.workers.begin(second, threads=99, total_steps=12, from_step=6)
    job = services.jobs.get(first.job_id)
    assert (job.progress.step, job.progress.epoch, job.threads) == (10, 3, 2)
    services.workers.record(second, ProgressReport(chunks=[chunk(7, 12)], epochs=[epoch(2), epoch(3)]))
    assert [step for step, _ in history(services, second)] == list(range(1, 13))
    assert [each.epoch for each in services.history.epochs(second.job_id)] == [1, 2, 3]


WRITES: list[Callable[[Services, Claim], object]] = [
    lambda s, h: s.workers.begin(h, threads=1, total_steps=1, from_step=0),
    lambda s, h: s.workers.job(h),
    lambda s, h: s.workers.record(h, ProgressReport(chunks=[chunk(1, 4)])),
    lambda s, h: s.workers.heartbeat(h),
    lambda s, h: s.workers.add_checkpoint(h, checkpoint(h.job_id)),
    lambda s, h: s.workers.succeed(h),
    lambda s, h: s.workers.cancelled(h),
    lambda s, h: s.workers.fail(h, FAILURE),
    lambda s, h: s.workers.release(h),
]


@pytest.mark.parametrize("write", WRITES)
def test_an_older_attempt_cannot_write(services: Services, held: Hold, write: Callable[..., object]) -> None:
    """After another worker has claimed the job, each write of the first raises `ClaimLost` and changes nothing."""
    old = held()
    services.claims.reclaim(old, max_attempts=3, failure=FAILURE)
    services.claims.acquire(max_running=1)
    before = services.jobs.get(old.job_id)
    with pytest.raises(ClaimLost, match="attempt 1"):
        write(services, old)
    assert services.jobs.get(old.job_id) == before
    assert services.history.total_steps(old.job_id) == 0
    assert services.checkpoints.ids() == set()


def test_the_claim_on_an_ended_or_deleted_job_is_lost(services: Services, held: Hold) -> None:
    """A worker of a job that has ended or was deleted gets `ClaimLost`."""
    claim = held()
    services.workers.fail(claim, FAILURE)
    with pytest.raises(ClaimLost):
        services.workers.heartbeat(claim)
    services.jobs.delete(claim.job_id)
    with pytest.raises(ClaimLost):
        services.workers.heartbeat(claim)


def test_a_worker_gets_the_instruction_to_stop(services: Services, held: Hold) -> None:
    """The instruction comes with the answer to the next report."""
    claim = held()
    assert not services.workers.record(claim, ProgressReport()).stop
    services.jobs.cancel(claim.job_id)
    assert services.workers.record(claim, ProgressReport()).stop


def test_success_is_a_result_and_a_version(services: Services, succeeded: Hold) -> None:
    """A job that succeeded has a result and adds a version of ``digits``."""
    job = services.jobs.get(succeeded(0.75).job_id)
    assert job.status is Status.SUCCEEDED
    assert job.result is not None
    assert (job.result.test_accuracy, job.result.model_version) == (0.75, 1)
    assert services.models.get("digits").versions[0].checkpoint_id == job.result.checkpoint_id


def test_the_best_checkpoint_becomes_the_version(services: Services, held: Hold) -> None:
    """The best checkpoint at the end of an epoch becomes the version, not the last one."""
    claim = held()
    accuracies = [0.5, 0.9, None, 0.7]
    saved = [checkpoint(claim.job_id, step=step, accuracy=accuracy) for step, accuracy in enumerate(accuracies)]
    for each in saved:
        services.workers.add_checkpoint(claim, each)
    services.workers.record(claim, ProgressReport(epochs=[epoch(1)]))
    services.workers.succeed(claim)
    assert services.models.get("digits").versions[0].checkpoint_id == saved[1].id
    result = services.jobs.get(claim.job_id).result
    assert result is not None
    assert result.checkpoint_id == saved[3].id


def test_a_late_cancellation_still_counts(services: Services, held: Hold) -> None:
    """A job that is ``cancelling`` ends as cancelled, not as succeeded, failed or queued."""
    for end in (services.workers.succeed, services.workers.release, lambda h: services.workers.fail(h, FAILURE)):
        claim = held()
        services.jobs.cancel(claim.job_id)
        end(claim)
        assert services.jobs.get(claim.job_id).status is Status.CANCELLED


def test_a_lost_job_is_queued_again(services: Services, held: Hold) -> None:
    """A job that has lost its worker is queued for the next attempt."""
    claim = held()
    assert services.claims.reclaim(claim, max_attempts=2, failure=FAILURE) is Status.QUEUED
    assert services.claims.acquire(max_running=1) == replace(claim, attempt=2)


def test_a_job_that_is_lost_too_often_fails(services: Services, held: Hold) -> None:
    """After too many lost workers a job fails, with the reason."""
    claim = held()
    assert services.claims.reclaim(claim, max_attempts=1, failure=FAILURE) is Status.FAILED
    assert services.jobs.get(claim.job_id).error == FAILURE


def test_a_checkpoint_beyond_the_last_loss_resets_the_count(services: Services, held: Hold) -> None:
    """A worker that was lost after progress is the first one again; a checkpoint of an old step is no progress."""
    first = held()
    services.workers.add_checkpoint(first, checkpoint(first.job_id, step=4))
    assert services.claims.reclaim(first, max_attempts=2, failure=FAILURE) is Status.QUEUED
    second = services.claims.acquire(max_running=1)
    assert second
    services.workers.add_checkpoint(second, checkpoint(first.job_id, step=8))
    assert services.claims.reclaim(second, max_attempts=2, failure=FAILURE) is Status.QUEUED
    third = services.claims.acquire(max_running=1)
    assert third
    services.workers.add_checkpoint(third, checkpoint(first.job_id, step=8))  # it had to begin at an earlier one
    assert services.claims.reclaim(third, max_attempts=2, failure=FAILURE) is Status.FAILED
    assert services.jobs.get(first.job_id).attempt == 3


def test_a_hundred_losses_with_progress_between_them_fail_no_job(services: Services, held: Hold) -> None:
    """Each checkpoint resets the count, and the next loss without one is the second in a row."""
    claim: Claim | None = held()
    for step in range(1, 101):
        assert claim
        services.workers.add_checkpoint(claim, checkpoint(claim.job_id, step=step))
        assert services.claims.reclaim(claim, max_attempts=2, failure=FAILURE) is Status.QUEUED
        claim = services.claims.acquire(max_running=1)
    assert claim
    assert claim.attempt == 101
    assert services.claims.reclaim(claim, max_attempts=2, failure=FAILURE) is Status.FAILED


def test_a_released_claim_loses_no_attempt(services: Services, held: Hold) -> None:
    """However often a store is away, the job is queued again; a claim that is not in force is left alone."""
    claim = held()
    for attempt in range(1, 6):
        assert services.claims.release(replace(claim, attempt=attempt), reason=FAILURE) is Status.QUEUED
        assert services.claims.acquire(max_running=1) == replace(claim, attempt=attempt + 1)
    assert services.claims.release(claim, reason=FAILURE) is Status.RUNNING
    assert services.claims.reclaim(replace(claim, attempt=6), max_attempts=2, failure=FAILURE) is Status.QUEUED


def test_a_lost_job_that_was_cancelling_is_cancelled(services: Services, held: Hold) -> None:
    """A job that is cancelling and loses its worker is cancelled."""
    claim = held()
    services.jobs.cancel(claim.job_id)
    assert services.claims.reclaim(claim, max_attempts=3, failure=FAILURE) is Status.CANCELLED


def test_reclaiming_is_idempotent(services: Services, held: Hold) -> None:
    """Reclaiming the same claim twice loses one attempt."""
    claim = held()
    services.claims.reclaim(claim, max_attempts=3, failure=FAILURE)
    assert services.claims.reclaim(claim, max_attempts=3, failure=FAILURE) is Status.QUEUED
    assert services.jobs.get(claim.job_id).attempt == 1


def test_a_released_job_keeps_its_queue_position(services: Services, held: Hold, queue: Queue) -> None:
    """A released job is queued before jobs that were created later."""
    claim = held()
    queue()
    services.workers.release(claim)
    assert services.jobs.get(claim.job_id).queue_position == 1


def test_a_save_request_is_answered_once(services: Services, held: Hold) -> None:
    """The worker gets the request until it has saved; then the request has the checkpoint."""
    claim = held()
    request = services.save_requests.create(claim.job_id)
    assert services.save_requests.checkpoint(request) is None
    assert services.workers.record(claim, ProgressReport()).saves == (request,)
    answer = checkpoint(claim.job_id, step=STEPS_PER_EPOCH)
    services.workers.add_checkpoint(claim, answer, answers=[request])
    assert services.save_requests.checkpoint(request) == answer
    assert services.workers.record(claim, ProgressReport()).saves == ()


def test_only_running_jobs_take_save_requests(services: Services, queue: Queue) -> None:
    """Save requests for a queued or missing job are refused."""
    with pytest.raises(InvalidTransition, match="queued has no weights"):
        services.save_requests.create(queue())
    with pytest.raises(NotFound):
        services.save_requests.create("job_x")


def test_a_save_request_is_deleted_with_its_job(services: Services, held: Hold) -> None:
    """Reading the request of a deleted job raises `NotFound`."""
    claim = held()
    request = services.save_requests.create(claim.job_id)
    services.workers.fail(claim, FAILURE)
    services.jobs.delete(claim.job_id)
    with pytest.raises(NotFound):
        services.save_requests.checkpoint(request)


def test_the_last_checkpoint_has_the_highest_step(services: Services, held: Hold) -> None:
    """The step decides, even if a clock was set back and the ids are in another order."""
    claim = held()
    assert services.checkpoints.last_of(claim.job_id) is None
    late, early = checkpoint(claim.job_id, step=8), checkpoint(claim.job_id, step=4)
    assert early.id > late.id
    for each in (early, late):
        services.workers.add_checkpoint(claim, each)
    assert services.checkpoints.last_of(claim.job_id) == late


def test_the_last_checkpoint_of_a_job_that_succeeded_is_its_result(services: Services, held: Hold) -> None:
    """After early stopping the result may be of an earlier step than the last checkpoint."""
    claim = held()
    services.workers.record(claim, ProgressReport(epochs=[replace(epoch(1), step=4), replace(epoch(2), step=8)]))
    services.workers.add_checkpoint(claim, checkpoint(claim.job_id, step=8))
    best = replace(checkpoint(claim.job_id, step=4), epoch=1)
    services.workers.succeed(claim, restored=best, stopped_epoch=2)
    assert services.checkpoints.last_of(claim.job_id) == best


def test_training_resumes_from_the_newest_complete_state(services: Services, held: Hold) -> None:
    """The first resume point has the highest step, the newest of equals; all have the training state."""
    claim = held()
    assert services.workers.resume_points(claim.job_id) == []
    saved = [checkpoint(claim.job_id, step=step) for step in (4, 8, 8, 2)]
    for each in saved:
        services.workers.add_checkpoint(claim, each)
    services.workers.add_checkpoint(claim, replace(checkpoint(claim.job_id, step=12), resumable=False))
    assert services.workers.resume_points(claim.job_id)[0] == saved[2]
