"""Many at once, on both databases: what one would decide alone, they decide together."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest

from service.composition import Services
from service.domain.claims import Claim
from service.domain.config import JobConfig
from service.domain.job import Failure, Status
from service.domain.worker_messages import ProgressReport
from service.errors import Conflict, NotFound, PreconditionFailed, QueueFull, StillInUse
from service.store.jobs.jobs import IdempotencyKey, JobStore
from tests.stored import checkpoint, chunk

T = TypeVar("T")

CALLERS = 8
LOST = Failure(code="worker_lost", message="It was killed.")


def at_once(*calls: Callable[[], T]) -> list[T | Exception]:
    """What each call gave or raised, all having begun together."""
    ready = threading.Barrier(len(calls))

    def begin(call: Callable[[], T]) -> T | Exception:
        ready.wait()
        try:
            return call()
        except Exception as error:  # noqa: BLE001  # the test looks at it
            return error

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(begin, calls))


def raised(results: Sequence[object], *kinds: type[Exception]) -> int:
    """How many raised one of *kinds*; nobody may have raised anything else."""
    errors = [result for result in results if isinstance(result, Exception)]
    assert [error for error in errors if not isinstance(error, kinds)] == []
    return len(errors)


def test_no_more_train_than_may(services: Services) -> None:
    """Eight dispatchers, twenty jobs, three places: three claims, each of another job."""
    for _ in range(20):
        services.jobs.create(JobConfig())
    claims = at_once(*[lambda: services.claims.acquire(max_running=3)] * CALLERS)
    held = [claim.job_id for claim in claims if isinstance(claim, Claim)]
    assert raised(claims) == 0
    assert len(set(held)) == len(held) == 3


def test_each_job_is_taken_once(services: Services) -> None:
    """With room for all, eight dispatchers take eight jobs in the order of the queue."""
    queued = [services.jobs.create(JobConfig()).id for _ in range(CALLERS)]
    claims = at_once(*[lambda: services.claims.acquire(max_running=100)] * CALLERS)
    assert sorted(claim.job_id for claim in claims if isinstance(claim, Claim)) == queued


def test_one_key_makes_one_job(services: Services) -> None:
    """Who sends a request again before it is answered gets the same job."""
    key = IdempotencyKey(key="k", digest="d")
    jobs = at_once(*[lambda: services.jobs.create(JobConfig(seed=1), key).id] * CALLERS)
    assert len(set(jobs)) == 1
    assert services.jobs.active() == 1


def test_the_queue_takes_no_more_than_it_may(services: Services) -> None:
    """Eight want five places."""
    jobs = JobStore(services.database, max_queued_jobs=5)
    assert raised(at_once(*[lambda: jobs.create(JobConfig())] * CALLERS), QueueFull) == 3
    assert services.jobs.active() == 5


def test_a_log_has_neither_gap_nor_double(services: Services, held: Callable[..., Claim]) -> None:
    """Its worker records while clients pause it, cancel it and ask for its weights."""
    claim = held()
    start = len(services.events.after(claim.job_id, 0, limit=100))

    def record() -> None:
        for step in range(1, 11):
            services.workers.record(claim, ProgressReport(chunks=[chunk(step, step)]))

    results = at_once(
        record,
        record,  # what a worker tells twice is written once
        lambda: services.jobs.apply(claim.job_id, "pause"),
        lambda: services.jobs.apply(claim.job_id, "cancel"),
        lambda: services.save_requests.create(claim.job_id),
    )
    assert raised(results, Conflict) <= 2
    log = services.events.after(claim.job_id, 0, limit=100)
    assert [entry.number for entry in log] == list(range(1, len(log) + 1))
    assert [entry.data["first_step"] for entry in log if entry.type == "steps"] == list(range(1, 11))
    assert services.events.heads([claim.job_id])[claim.job_id].last_event == len(log) > start + 10


def test_one_of_many_hands_a_lost_job_back(services: Services, held: Callable[..., Claim]) -> None:
    """Several trainers notice: it costs one attempt."""
    claim = held()
    results = at_once(*[lambda: services.claims.reclaim(claim, max_attempts=3, failure=LOST)] * CALLERS)
    assert results == [Status.QUEUED] * CALLERS
    told = [entry.data.get("status") for entry in services.events.after(claim.job_id, 0, limit=100)]
    assert told == ["queued", "running", "queued"]


def test_versions_are_numbered_without_gap(services: Services) -> None:
    """Eight checkpoints become eight versions, and `live` points at the best of them."""
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


def test_one_of_many_moves_an_alias(services: Services) -> None:
    """All have seen the same revision: the first to write wins, the others are told."""
    point = checkpoint(accuracy=0.5)
    services.checkpoints.add(point)
    services.models.add_version("digits", point.id)
    move = [lambda: services.models.set_alias("digits", "stable", 1, expected_revision=0)] * CALLERS
    assert raised(at_once(*move), PreconditionFailed) == CALLERS - 1


@pytest.mark.parametrize("_", range(5))
def test_a_checkpoint_is_used_or_deleted(services: Services, _: int) -> None:
    """Whoever is first: never is there a version, or a job that starts, of a checkpoint that is gone."""
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
