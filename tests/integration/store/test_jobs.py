"""Jobs in the store: queued, listed, cancelled and deleted."""

from collections.abc import Callable

import pytest

from service.composition import Services
from service.domain.claims import Claim
from service.domain.config import JobConfig
from service.domain.forecast import Capacity
from service.domain.job import Failure, Status
from service.domain.listing import Listing
from service.domain.patch import JobPatch
from service.errors import IdempotencyConflict, InvalidTransition, NotFound, QueueFull
from service.store.idempotency import IdempotencyKey
from service.store.jobs.filters import JOB_SORTS, JobFilter
from service.store.jobs.jobs import JobStore
from tests.stored import checkpoint

Queue = Callable[..., str]
Hold = Callable[..., Claim]

FAILURE = Failure(code="broken", message="It broke.")


def test_a_new_job_is_queued(services: Services) -> None:
    """A new job is first in the queue, at attempt 0, with its configuration."""
    config = JobConfig(name="mine", seed=1, metadata={"a": "b"})
    job = services.jobs.create(config)
    assert (job.status, job.queue_position, job.attempt, job.config) == (Status.QUEUED, 1, 0, config)
    assert services.jobs.get(job.id) == job


def test_queue_positions(services: Services, queue: Queue, held: Hold) -> None:
    """Queue positions count from 1; a running job has none."""
    running, first, second = held(), queue(), queue()
    positions = [services.jobs.get(job_id).queue_position for job_id in (running.job_id, first, second)]
    assert positions == [None, 1, 2]


def test_the_same_key_and_body_give_the_same_job(services: Services) -> None:
    """A repeated request with the same idempotency key and body returns the first job."""
    key = IdempotencyKey(key="k", digest="d")
    first, second = services.jobs.create(JobConfig(seed=1), key), services.jobs.create(JobConfig(seed=2), key)
    assert first == second
    assert services.jobs.active() == 1


def test_the_same_key_with_another_body_is_a_conflict(services: Services) -> None:
    """The same idempotency key with another body is refused, and nothing is queued."""
    services.jobs.create(JobConfig(), IdempotencyKey(key="k", digest="one"))
    with pytest.raises(IdempotencyConflict, match="'k'"):
        services.jobs.create(JobConfig(), IdempotencyKey(key="k", digest="another"))
    assert services.jobs.active() == 1


def test_a_full_queue_refuses_jobs(services: Services) -> None:
    """The message has the number of queued jobs, and the error the time to retry."""
    jobs = JobStore(services.database, capacity=Capacity(), max_queued_jobs=2)
    jobs.create(JobConfig())
    jobs.create(JobConfig())
    with pytest.raises(QueueFull, match="2 jobs are waiting") as caught:
        jobs.create(JobConfig())
    assert caught.value.retry_after_s > 0


def test_a_full_queue_answers_repeated_requests(services: Services) -> None:
    """A repeated request returns its job, also while the queue is full."""
    jobs, key = JobStore(services.database, capacity=Capacity(), max_queued_jobs=1), IdempotencyKey(key="k", digest="d")
    assert jobs.create(JobConfig(), key) == jobs.create(JobConfig(), key)


def test_running_jobs_do_not_count(services: Services, held: Hold) -> None:
    """Only queued jobs count towards the limit."""
    held()
    JobStore(services.database, capacity=Capacity(), max_queued_jobs=1).create(JobConfig())


def test_a_missing_initial_checkpoint_is_refused(services: Services) -> None:
    """A job that starts from a missing checkpoint is refused."""
    with pytest.raises(NotFound, match="checkpoint 'ckpt_x'"):
        services.jobs.create(JobConfig(init_from="ckpt_x"))


def test_pages_are_newest_first_and_complete(services: Services, queue: Queue) -> None:
    """Five jobs in pages of two: every job is listed once, and the last page says so."""
    ids, after, seen, more = [queue() for _ in range(5)], None, list[str](), True
    while more:
        jobs, more = services.jobs.page(JobFilter(), Listing(limit=2, after=after))
        seen += [job.id for job in jobs]
        after = seen[-1]
    assert seen == ids[::-1]


def test_filters(services: Services, queue: Queue, held: Hold) -> None:
    """Jobs are filtered by id, status, group and metadata, and by all of them together."""
    running = held().job_id
    one = queue(group="g", metadata={"course": "spring", "k e.y": "1"})
    two = queue(group="g", metadata={"course": "autumn"})

    def found(**wanted: object) -> list[str]:
        return [job.id for job in services.jobs.page(JobFilter(**wanted), Listing(limit=10))[0]]  # type: ignore[arg-type]  # fields

    assert found(statuses=[Status.RUNNING]) == [running]
    assert found(ids=[one, "job_none", running]) == [one, running]
    assert found(ids=[one, running], group="g") == [one]
    assert found(ids=[]) == []
    assert found(group="g") == [two, one]
    assert found(group="") == []
    assert found(labels={"course": "spring"}) == [one]
    assert found(labels={"k e.y": "1"}) == [one]
    assert found(labels={"course": "spring"}, group="g", statuses=[Status.QUEUED]) == [one]
    assert found(labels={"course": "spring", "k e.y": "2"}) == []
    services.jobs.update(one, JobPatch(metadata={"course": "autumn", "k e.y": None}))
    assert found(labels={"course": "autumn"}) == [two, one]
    assert found(labels={"course": "spring"}) == found(labels={"k e.y": "1"}) == []
    page, has_more = services.jobs.page(JobFilter(labels={"course": "autumn"}), Listing(limit=1))
    assert ([job.id for job in page], has_more) == ([two], True)
    page, has_more = services.jobs.page(JobFilter(labels={"course": "autumn"}), Listing(limit=1, after=two))
    assert ([job.id for job in page], has_more) == ([one], False)


@pytest.mark.parametrize("sort", JOB_SORTS)
def test_a_list_of_any_order_is_read_page_by_page(services: Services, queue: Queue, succeeded: Hold, sort: str) -> None:
    """The pages have each job once, in the order of their values, jobs without one last; and the same backwards."""
    made = [succeeded(accuracy).job_id for accuracy in (0.5, 0.9, 0.5, 0.1)]
    waiting = [queue(), queue()]
    by_accuracy = [made[1], made[2], made[0], made[3]]
    wanted = [*waiting[::-1], *made[::-1]] if sort == "created_at" else [*made[::-1], *waiting[::-1]]
    wanted = [*by_accuracy, *waiting[::-1]] if sort == "test_accuracy" else wanted
    whole, has_more = services.jobs.page(JobFilter(), Listing(sort=sort))
    assert ([job.id for job in whole], has_more) == (wanted, False)
    for place in range(len(wanted) - 1):
        after, more = services.jobs.page(JobFilter(), Listing(limit=1, sort=sort, after=wanted[place]))
        assert ([job.id for job in after], more) == (wanted[place + 1 : place + 2], place + 2 < len(wanted))
        before, more = services.jobs.page(JobFilter(), Listing(limit=1, sort=sort, before=wanted[place + 1]))
        assert ([job.id for job in before], more) == (wanted[place : place + 1], place > 0)


@pytest.mark.parametrize("ask", ["get", "cancel", "delete"])
def test_a_missing_job_is_not_found(services: Services, ask: str) -> None:
    """Every method raises `NotFound` for a job that does not exist."""
    with pytest.raises(NotFound, match="There is no job 'job_x'"):
        getattr(services.jobs, ask)("job_x")


def test_cancelling_a_queued_job_ends_it(services: Services, queue: Queue) -> None:
    """A queued job is cancelled at once, with the time."""
    job = services.jobs.cancel(queue())
    assert job.status is Status.CANCELLED
    assert job.finished_at is not None


def test_a_running_job_is_cancelled_by_its_worker(services: Services, held: Hold) -> None:
    """A running job is cancelling until its worker has stopped."""
    claim = held()
    job = services.jobs.cancel(claim.job_id)
    assert (job.status, job.finished_at) == (Status.CANCELLING, None)
    services.workers.cancelled(claim)
    assert services.jobs.get(claim.job_id).status is Status.CANCELLED


@pytest.mark.parametrize("running", [True, False])
def test_cancelling_is_idempotent(services: Services, queue: Queue, held: Hold, *, running: bool) -> None:
    """Cancelling a cancelled job changes nothing."""
    job_id = held().job_id if running else queue()
    assert services.jobs.cancel(job_id) == services.jobs.cancel(job_id)


def test_an_ended_job_cannot_be_cancelled(services: Services, succeeded: Hold, held: Hold) -> None:
    """A job that succeeded or failed cannot be cancelled; the message names its status."""
    done, failed = succeeded().job_id, held()
    services.workers.fail(failed, FAILURE)
    for job_id, state in ((done, "succeeded"), (failed.job_id, "failed")):
        with pytest.raises(InvalidTransition, match=state):
            services.jobs.cancel(job_id)


def test_only_ended_jobs_are_deleted(services: Services, queue: Queue, held: Hold) -> None:
    """Queued, running and cancelling jobs cannot be deleted."""
    running, stopping, waiting = held().job_id, held().job_id, queue()
    services.jobs.cancel(stopping)
    for job_id, state in ((waiting, "queued"), (running, "running"), (stopping, "cancelling")):
        with pytest.raises(InvalidTransition, match=f"{state} cannot be deleted"):
            services.jobs.delete(job_id)


def test_deleting_removes_history_and_checkpoints(services: Services, held: Hold) -> None:
    """A deleted job leaves no rows, and the ids of its checkpoints are returned."""
    claim = held()
    mine = checkpoint(claim.job_id, step=1)
    services.workers.add_checkpoint(claim, mine)
    services.workers.fail(claim, FAILURE)
    assert services.jobs.delete(claim.job_id) == [mine.id]
    assert services.history.total_steps(claim.job_id) == 0
    assert services.checkpoints.ids() == set()
    with pytest.raises(NotFound):
        services.jobs.get(claim.job_id)


def test_deleting_keeps_checkpoints_of_versions(services: Services, succeeded: Hold) -> None:
    """The checkpoint of a version outlives its job."""
    claim = succeeded()
    served = services.models.get("digits").versions[0].checkpoint_id
    assert services.jobs.delete(claim.job_id) == []
    assert services.checkpoints.get(served).job_id is None


def test_deleting_keeps_checkpoints_that_jobs_start_from(services: Services, held: Hold, queue: Queue) -> None:
    """The checkpoint that a queued job starts from outlives its own job."""
    claim = held()
    mine = checkpoint(claim.job_id, step=1)
    services.workers.add_checkpoint(claim, mine)
    services.workers.fail(claim, FAILURE)
    queue(init_from=mine.id)
    assert services.jobs.delete(claim.job_id) == []
    assert services.checkpoints.ids() == {mine.id}
