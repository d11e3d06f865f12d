"""Daily quotas of API keys: when they refuse a job, until when, and how running time counts."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from service.domain.quotas import Allowance, Usage, check_quota, core_seconds, next_day
from service.errors import QuotaExceeded

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("allowance", "used"),
    [
        (Allowance(), Usage(jobs=10**6, core_s=10**9)),
        (Allowance(jobs_per_day=2), Usage(jobs=1, core_s=10**9)),
        (Allowance(core_minutes_per_day=1.5), Usage(jobs=10**6, core_s=89.9)),
    ],
)
def test_a_key_within_its_quotas_may_create_a_job(allowance: Allowance, used: Usage) -> None:
    """A quota that is not set limits nothing, and one that is not used up allows one more job."""
    check_quota("ada", allowance, used, NOON)


@pytest.mark.parametrize(
    ("allowance", "used", "message"),
    [
        (Allowance(jobs_per_day=0), Usage(), "0 jobs a day (0 created today)"),
        (Allowance(jobs_per_day=2), Usage(jobs=2), "2 jobs a day (2 created today)"),
        (Allowance(core_minutes_per_day=1.5), Usage(core_s=90), "1.5 core minutes a day (1.5 used today)"),
    ],
)
def test_a_used_up_quota_refuses_until_midnight(allowance: Allowance, used: Usage, message: str) -> None:
    """The error names the key, the quota and what was used, and says when it resets and what to do."""
    with pytest.raises(QuotaExceeded) as refused:
        check_quota("ada", allowance, used, NOON)
    assert str(refused.value) == (
        f"The API key 'ada' has used up its quota of {message}. It resets at 2026-02-01 00:00 UTC;"
        " retry then, or ask the operator for a larger one."
    )
    assert refused.value.retry_after_s == timedelta(hours=12).total_seconds()


def test_the_day_ends_at_midnight_in_utc() -> None:
    """The local time zone of a process plays no part."""
    tokyo = datetime(2026, 2, 1, 8, tzinfo=timezone(timedelta(hours=9)))
    assert next_day(tokyo) == datetime(2026, 2, 1, tzinfo=UTC)
    assert next_day(datetime(2026, 1, 31, tzinfo=UTC)) == datetime(2026, 2, 1, tzinfo=UTC)


def test_the_time_of_an_attempt_counts_on_its_days() -> None:
    """An attempt of two threads from noon until 1 h after the second midnight is split among three days."""
    spent = dict(core_seconds(NOON, NOON + timedelta(hours=37), threads=2))
    hours = {date(2026, 1, 31): 12, date(2026, 2, 1): 24, date(2026, 2, 2): 1}
    assert spent == {day: count * 3600 * 2 for day, count in hours.items()}


def test_a_clock_that_goes_back_counts_nothing() -> None:
    """An attempt never gives time back."""
    assert list(core_seconds(NOON, NOON - timedelta(seconds=1), threads=2)) == []
