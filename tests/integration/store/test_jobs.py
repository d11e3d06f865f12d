"""Jobs on a real SQLite file: queued, listed, cancelled, deleted."""

from collections.abc import Callable

import pytest

from service.composition import Services
from service.domain.claims import Claim
from service.domain.config import JobConfig
from service.domain.job import Failure, Status
from service.errors import IdempotencyConflict, InvalidTransition, NotFound, QueueFull
from service.store.jobs.jobs import IdempotencyKey, JobFilter, JobStore
from tests.stored import checkpoint

Queue = Callable[..., str]
Hold = Callable[..., Claim]

FAILURE = Failure(code="broken", message="It broke.")


def test_a_new_job_waits(services: Services) -> None:
    """It is queued, first in line, at attempt 0, with the configuration as given."""
    config = JobConfig(name="mine", seed=1, metadata={"a": "b"})
    job = services.jobs.create(config)
    assert (job.status, job.queue_position, job.attempt, job.config) == (Status.QUEUED, 1, 0, config)
    assert services.jobs.get(job.id) == job


def test_places_in_the_queue(services: Services, queue: Queue, held: Hold) -> None:
    """They count from 1 among those that wait, and a job that trains has none."""
    running, first, second = held(), queue(), queue()
    positions = [services.jobs.get(job_id).queue_position for job_id in (running.job_id, first, second)]
    assert positions == [None, 1, 2]


def test_the_same_key_and_body_give_the_same_job(services: Services) -> None:
    """A request repeated makes nothing."""
    key = IdempotencyKey(key="k", digest="d")
    first, second = services.jobs.create(JobConfig(seed=1), key), services.jobs.create(JobConfig(seed=2), key)
    assert first == second
    assert services.jobs.active() == 1


def test_the_same_key_with_another_body_is_a_conflict(services: Services) -> None:
    """Nothing is queued."""
    services.jobs.create(JobConfig(), IdempotencyKey(key="k", digest="one"))
    with pytest.raises(IdempotencyConflict, match="'k'"):
        services.jobs.create(JobConfig(), IdempotencyKey(key="k", digest="another"))
    assert services.jobs.active() == 1


def test_a_full_queue_takes_no_more(services: Services) -> None:
    """The text says how many wait, and the error when to come back."""
    jobs = JobStore(services.database, max_queued_jobs=2)
    jobs.create(JobConfig())
    jobs.create(JobConfig())
    with pytest.raises(QueueFull, match="2 jobs are waiting") as caught:
        jobs.create(JobConfig())
    assert caught.value.retry_after_s > 0


def test_a_full_queue_still_knows_its_keys(services: Services) -> None:
    """A repeated request is answered with its job also when no other would be taken."""
    jobs, key = JobStore(services.database, max_queued_jobs=1), IdempotencyKey(key="k", digest="d")
    assert jobs.create(JobConfig(), key) == jobs.create(JobConfig(), key)


def test_running_jobs_leave_room(services: Services, held: Hold) -> None:
    """Only those that wait count."""
    held()
    JobStore(services.database, max_queued_jobs=1).create(JobConfig())


def test_a_start_from_nothing_is_refused(services: Services) -> None:
    """A checkpoint that does not exist is not found."""
    with pytest.raises(NotFound, match="checkpoint 'ckpt_x'"):
        services.jobs.create(JobConfig(init_from="ckpt_x"))


def test_pages_are_newest_first_and_meet(services: Services, queue: Queue) -> None:
    """Five jobs in pages of two: every job once, and the last page knows that it is."""
    ids, after, seen, more = [queue() for _ in range(5)], None, list[str](), True
    while more:
        jobs, more = services.jobs.page(JobFilter(), limit=2, after=after)
        seen += [job.id for job in jobs]
        after = seen[-1]
    assert seen == ids[::-1]


def test_filters(services: Services, queue: Queue, held: Hold) -> None:
    """By status, by group, by metadata, and by all together."""
    running = held().job_id
    one = queue(group="g", metadata={"course": "spring", "k e.y": "1"})
    two = queue(group="g", metadata={"course": "autumn"})

    def found(**wanted: object) -> list[str]:
        return [job.id for job in services.jobs.page(JobFilter(**wanted), limit=10)[0]]  # type: ignore[arg-type]  # fields

    assert found(status=Status.RUNNING) == [running]
    assert found(group="g") == [two, one]
    assert found(group="") == []
    assert found(labels={"course": "spring"}) == [one]
    assert found(labels={"k e.y": "1"}) == [one]
    assert found(labels={"course": "spring"}, group="g", status=Status.QUEUED) == [one]
    assert found(labels={"course": "spring", "k e.y": "2"}) == []


@pytest.mark.parametrize("ask", ["get", "cancel", "delete"])
def test_what_does_not_exist_is_not_found(services: Services, ask: str) -> None:
    """Whatever is asked of it."""
    with pytest.raises(NotFound, match="There is no job 'job_x'"):
        getattr(services.jobs, ask)("job_x")


def test_cancelling_a_waiting_job_ends_it(services: Services, queue: Queue) -> None:
    """At once, with the time."""
    job = services.jobs.cancel(queue())
    assert job.status is Status.CANCELLED
    assert job.finished_at is not None


def test_cancelling_a_running_job_asks_its_worker(services: Services, held: Hold) -> None:
    """It has not ended before the worker says so."""
    claim = held()
    job = services.jobs.cancel(claim.job_id)
    assert (job.status, job.finished_at) == (Status.CANCELLING, None)
    services.workers.cancelled(claim)
    assert services.jobs.get(claim.job_id).status is Status.CANCELLED


@pytest.mark.parametrize("running", [True, False])
def test_cancelling_twice_is_cancelling_once(services: Services, queue: Queue, held: Hold, *, running: bool) -> None:
    """Where it already holds it is a no-op."""
    job_id = held().job_id if running else queue()
    assert services.jobs.cancel(job_id) == services.jobs.cancel(job_id)


def test_what_has_ended_otherwise_cannot_be_cancelled(services: Services, succeeded: Hold, held: Hold) -> None:
    """The text names the state."""
    done, failed = succeeded().job_id, held()
    services.workers.fail(failed, FAILURE)
    for job_id, state in ((done, "succeeded"), (failed.job_id, "failed")):
        with pytest.raises(InvalidTransition, match=state):
            services.jobs.cancel(job_id)


def test_only_what_has_ended_is_deleted(services: Services, queue: Queue, held: Hold) -> None:
    """Waiting, training and stopping jobs stay."""
    running, stopping, waiting = held().job_id, held().job_id, queue()
    services.jobs.cancel(stopping)
    for job_id, state in ((waiting, "queued"), (running, "running"), (stopping, "cancelling")):
        with pytest.raises(InvalidTransition, match=f"{state} cannot be deleted"):
            services.jobs.delete(job_id)


def test_deleting_takes_history_and_checkpoints(services: Services, held: Hold) -> None:
    """Nothing of the job is left, and the ids whose bytes can go are told."""
    claim = held()
    mine = checkpoint(claim.job_id, step=1)
    services.workers.add_checkpoint(claim, mine)
    services.workers.fail(claim, FAILURE)
    assert services.jobs.delete(claim.job_id) == [mine.id]
    assert services.history.total_steps(claim.job_id) == 0
    assert services.checkpoints.ids() == set()
    with pytest.raises(NotFound):
        services.jobs.get(claim.job_id)


def test_deleting_leaves_what_a_model_serves(services: Services, succeeded: Hold) -> None:
    """The version's checkpoint outlives its job."""
    claim = succeeded()
    served = services.models.get("digits").versions[0].checkpoint_id
    assert services.jobs.delete(claim.job_id) == []
    assert services.checkpoints.get(served).job_id is None


def test_deleting_leaves_what_a_live_job_starts_from(services: Services, held: Hold, queue: Queue) -> None:
    """A job that waits to start from the checkpoint will find it."""
    claim = held()
    mine = checkpoint(claim.job_id, step=1)
    services.workers.add_checkpoint(claim, mine)
    services.workers.fail(claim, FAILURE)
    queue(init_from=mine.id)
    assert services.jobs.delete(claim.job_id) == []
    assert services.checkpoints.ids() == {mine.id}
