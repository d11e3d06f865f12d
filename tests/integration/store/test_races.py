"""Concurrent calls, on both databases, decide as they would one after another."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest

from service.composition import Services
from service.domain.claims import Claim
from service.domain.config import JobConfig
from service.domain.forecast import Capacity
from service.domain.job import Failure, Status
from service.domain.worker_messages import ProgressReport
from service.errors import Conflict, NotFound, PreconditionFailed, QueueFull, StillInUse
from service.store.idempotency import IdempotencyKey
from service.store.jobs.jobs import JobStore
from tests.stored import checkpoint, chunk

T = TypeVar("T")

CALLERS = 8
LOST = Failure(code="worker_lost", message="It was killed.")


def at_once(*calls: Callable[[], T]) -> list[T | Exception]:
    """Run the calls at the same time; return what each returned or raised."""
    ready = threading.Barrier(len(calls))

    def begin(call: Callable[[], T]) -> T | Exception:
        ready.wait()
        try:
            return call()
        except Exception as error:  # noqa: BLE001  # the test checks it
            return error

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(begin, calls))


def raised(results: Sequence[object], *kinds: type[Exception]) -> int:
    """Return how many raised one of *kinds*; no other error may be among the results."""
    errors = [result for result in results if isinstance(result, Exception)]
    assert [error for error in errors if not isinstance(error, kinds)] == []
    return len(errors)


def test_the_limit_on_running_jobs_holds(services: Services) -> None:
    """Eight trainers claim from twenty queued jobs with a limit of three: three different jobs are claimed."""
    for _ in range(20):
        services.jobs.create(JobConfig())
    claims = at_once(*[lambda: services.claims.acquire(max_running=3)] * CALLERS)
    held = [claim.job_id for claim in claims if isinstance(claim, Claim)]
    assert raised(claims) == 0
    assert len(set(held)) == len(held) == 3


def test_each_job_is_claimed_once(services: Services) -> None:
    """Eight trainers claim eight different jobs, in the order of the queue."""
    queued = [services.jobs.create(JobConfig()).id for _ in range(CALLERS)]
    claims = at_once(*[lambda: services.claims.acquire(max_running=100)] * CALLERS)
    assert sorted(claim.job_id for claim in claims if isinstance(claim, Claim)) == queued


def test_an_idempotency_key_creates_one_job(services: Services) -> None:
    """Requests with the same idempotency key, sent at the same time, get the same job."""
    key = IdempotencyKey(key="k", digest="d")
    jobs = at_once(*[lambda: services.jobs.create(JobConfig(seed=1), key).id] * CALLERS)
    assert len(set(jobs)) == 1
    assert services.jobs.active() == 1


def test_the_limit_on_queued_jobs_holds(services: Services) -> None:
    """Of eight jobs at the same time, a queue with room for five takes five."""
    jobs = JobStore(services.database, capacity=Capacity(), max_queued_jobs=5)
    assert raised(at_once(*[lambda: jobs.create(JobConfig())] * CALLERS), QueueFull) == 3
    assert services.jobs.active() == 5


def test_a_log_has_neither_gaps_nor_duplicates(services: Services, held: Callable[..., Claim]) -> None:
    """The worker records while clients pause and cancel its job and request its weights."""
    claim = held()
    start = len(services.events.after(claim.job_id, 0, limit=100))

    def record() -> None:
        for step in range(1, 11):
            services.workers.record(claim, ProgressReport(chunks=[chunk(step, step)]))

    results = at_once(
        record,
        record,  # recording is idempotent
        lambda: services.jobs.apply(claim.job_id, "pause"),
        lambda: services.jobs.apply(claim.job_id, "cancel"),
        lambda: services.save_requests.create(claim.job_id),
    )
    assert raised(results, Conflict) <= 2
    log = services.events.after(claim.job_id, 0, limit=100)
    assert [entry.number for entry in log] == list(range(1, len(log) + 1))
    assert [entry.data["first_step"] for entry in log if entry.type == "steps"] == list(range(1, 11))
    assert services.events.heads([claim.job_id])[claim.job_id].last_event == len(log) > start + 10


def test_a_lost_job_is_reclaimed_once(services: Services, held: Callable[..., Claim]) -> None:
    """If several trainers reclaim a job at the same time, it loses one attempt."""
    claim = held()
    results = at_once(*[lambda: services.claims.reclaim(claim, max_attempts=3, failure=LOST)] * CALLERS)
    assert results == [Status.QUEUED] * CALLERS
    statuses = [entry.data.get("status") for entry in services.events.after(claim.job_id, 0, limit=100)]
    assert statuses == ["queued", "running", "queued"]


def test_versions_are_numbered_without_gaps(services: Services) -> None:
    """Eight checkpoints become eight versions, and ``live`` points at the best one."""
    accuracies = [0.1 * number for number in range(1, CALLERS + 1)]
    points = [checkpoint(accuracy=accuracy) for accuracy in accuracies]
    for point in points:
        services.checkpoints.add(point)
    versions = at_once(*[lambda p=point: services.models.add_version("digits", p.id) for point in points])
    assert raised(versions) == 0
    model = services.models.get("digits")
    assert [version.version for version in model.versions] == list(range(CALLERS, 0, -1))
    live = next(alias for alias in model.aliases if alias.alias == "live")
    assert next(v for v in model.versions if v.version == live.version).checkpoint_id == points[-1].id


def test_an_alias_is_changed_once(services: Services) -> None:
    """Of several changes with the same revision, one succeeds and the others are refused."""
    point = checkpoint(accuracy=0.5)
    services.checkpoints.add(point)
    services.models.add_version("digits", point.id)
    move = [lambda: services.models.set_alias("digits", "stable", 1, expected_revision=0)] * CALLERS
    assert raised(at_once(*move), PreconditionFailed) == CALLERS - 1


@pytest.mark.parametrize("_", range(5))
def test_a_checkpoint_is_used_or_deleted(services: Services, _: int) -> None:
    """A checkpoint is deleted or used, never both: no version and no job refers to a deleted one."""
    point = checkpoint(accuracy=0.5)
    services.checkpoints.add(point)
    results = at_once(
        lambda: services.checkpoints.delete(point.id),
        lambda: services.models.add_version("digits", point.id),
        lambda: services.jobs.create(JobConfig(init_from=point.id)),
    )
    assert raised(results, NotFound, StillInUse) >= 1
    used = any(not isinstance(result, Exception) for result in results[1:])
    assert (point.id in services.checkpoints.ids()) == used
