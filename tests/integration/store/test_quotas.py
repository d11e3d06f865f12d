"""Daily quotas of API keys in the store: jobs are counted once and for good, and running time by attempts."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from service.composition import Services
from service.domain.claims import Claim
from service.domain.config import JobConfig
from service.domain.job import Failure
from service.domain.key import Caller, Scope
from service.domain.quotas import Allowance, Usage
from service.errors import NotFound, QuotaExceeded
from service.store.idempotency import IdempotencyKey
from service.store.tables import JobRow, UsageRow

ENDED = Failure(code="broken", message="It broke.")


def key(services: Services, allowance: Allowance) -> Caller:
    """Create a key with this allowance."""
    return services.keys.create("ada", [Scope.TRAIN], allowance=allowance)[0].caller


def claimed(services: Services, caller: Caller, *, threads: int, seconds_ago: float) -> Claim:
    """Queue a job and claim it some time ago."""
    services.jobs.create(JobConfig(), caller=caller)
    claim = services.claims.acquire(max_running=100)
    assert claim
    services.workers.begin(claim, threads=threads, total_steps=1, from_step=0)
    with services.database.write() as session:
        at = datetime.now(UTC) - timedelta(seconds=seconds_ago)
        session.execute(update(JobRow).where(JobRow.id == claim.job_id).values(claimed_at=at))
    return claim


def core_s(services: Services, caller: Caller) -> float:
    """The core seconds of a key, on all days: a test may run at midnight."""
    with services.database.read() as session:
        return sum(row.core_s for row in session.query(UsageRow).filter_by(key_id=caller.id))


def test_jobs_are_counted_for_good(services: Services) -> None:
    """Deleting a job gives nothing back; a repeated request counts once, and another key has its own quota."""
    ada, bob = (key(services, Allowance(jobs_per_day=2)) for _ in range(2))
    repeated = IdempotencyKey(key="k", digest="d")
    first = services.jobs.create(JobConfig(), repeated, caller=ada)
    services.jobs.cancel(first.id)
    services.jobs.delete(first.id)
    last = services.jobs.create(JobConfig(), repeated, caller=ada)
    assert services.jobs.create(JobConfig(), repeated, caller=ada) == last
    with pytest.raises(QuotaExceeded, match="2 jobs a day"):
        services.jobs.create(JobConfig(), caller=ada)
    services.jobs.create(JobConfig(), caller=bob)
    assert services.jobs.active() == 2


def test_a_refused_job_is_not_counted(services: Services) -> None:
    """A job that starts from a missing checkpoint is refused, and uses nothing of the quota."""
    ada = key(services, Allowance(jobs_per_day=1))
    with pytest.raises(NotFound):
        services.jobs.create(JobConfig(init_from="ckpt_x"), caller=ada)
    services.jobs.create(JobConfig(), caller=ada)


@pytest.mark.parametrize("end", ["release", "fail", "reclaim"])
def test_each_attempt_counts_when_it_ends(services: Services, end: str) -> None:
    """The time of an attempt counts with its threads, however it ends."""
    ada = key(services, Allowance())
    claim = claimed(services, ada, threads=2, seconds_ago=60)
    match end:
        case "release":
            services.workers.release(claim)
        case "fail":
            services.workers.fail(claim, ENDED)
        case _:
            services.claims.reclaim(claim, max_attempts=1, failure=ENDED)
    assert core_s(services, ada) == pytest.approx(120, abs=20)


def test_running_jobs_count_before_they_end(services: Services) -> None:
    """A key whose running job has used up its core minutes may create no other, and its job goes on."""
    ada = key(services, Allowance(core_minutes_per_day=0.01))
    claim = claimed(services, ada, threads=1, seconds_ago=0)
    with services.database.write() as session:
        at = datetime.now(UTC) - timedelta(seconds=60)
        session.execute(update(JobRow).where(JobRow.id == claim.job_id).values(claimed_at=at))
    if services.keys.used_today()[ada.id or ""].core_minutes < 0.01:
        pytest.skip("midnight in UTC was less than a second ago")
    with pytest.raises(QuotaExceeded, match=r"0\.01 core minutes a day"):
        services.jobs.create(JobConfig(), caller=ada)
    services.workers.heartbeat(claim)


def test_yesterday_does_not_count(services: Services) -> None:
    """The quota of a new day is whole."""
    ada = key(services, Allowance(jobs_per_day=1))
    services.jobs.create(JobConfig(), caller=ada)
    with services.database.write() as session:
        session.execute(update(UsageRow).values(day="2026-01-31"))
    services.jobs.create(JobConfig(), caller=ada)


def test_an_allowance_is_changed(services: Services) -> None:
    """Only the given fields change, and all keys of a name do; an unknown name is an error."""
    ada, other = (key(services, Allowance(jobs_per_day=1)) for _ in range(2))
    services.keys.allow("ada", {"weight": 2.0})
    services.keys.allow(ada.id or "", {"jobs_per_day": None, "core_minutes_per_day": 5.0})
    assert services.keys.allowance(ada.id or "") == (Allowance(weight=2.0, core_minutes_per_day=5.0), Usage())
    assert services.keys.allowance(other.id or "") == (Allowance(weight=2.0, jobs_per_day=1), Usage())
    with pytest.raises(NotFound, match="no key 'eve'"):
        services.keys.allow("eve", {"weight": 2.0})


def test_jobs_without_a_key_use_no_quota(services: Services) -> None:
    """Nothing is counted where no key is required."""
    services.jobs.create(JobConfig())
    assert services.claims.acquire()
    assert services.keys.used_today() == {}
