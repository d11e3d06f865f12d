"""API keys that share the queue: the fair order with a real trainer, quotas, and what a key can see of both."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest

from service.composition import compose
from service.domain.key import Scope
from service.domain.quotas import UNLIMITED, Allowance
from service.settings import Settings
from tests.servers import Server, finished, start_job

SMALL = {"dataset": "tiny", "epochs": 1}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, tiny: Path) -> Iterator[Server]:
    """A service that requires keys, with one worker."""
    started = Server(tmp_path_factory.mktemp("shared"), tiny=tiny, auth="on", max_running_jobs=1).start()
    yield started
    started.stop()


def key(server: Server, allowance: Allowance = UNLIMITED) -> httpx2.Client:
    """Return a client with a new key."""
    keys = compose(Settings(data_dir=server.data_dir)).keys
    client = server.client()
    client.headers["X-API-Key"] = keys.create("ada", [Scope.READ, Scope.TRAIN], allowance=allowance)[1]
    return client


def test_a_burst_of_one_key_delays_another_key_by_one_job(server: Server) -> None:
    """One worker trains the first job of a burst, then the other key's, whose time counts towards its quota."""
    with key(server) as one, key(server, Allowance(core_minutes_per_day=60)) as other:
        burst = [start_job(one) for _ in range(3)]
        late = start_job(other)
        jobs = [finished(one, job_id) for job_id in (*burst, late)]
        started = [job["id"] for job in sorted(jobs, key=lambda job: str(job["started_at"]))]
        used = other.get("/v1/me").json()["used_today"]
    assert started == [burst[0], late, *burst[1:]]
    assert used["jobs"] == 1
    assert 0 < used["core_minutes"] < 60


def test_a_used_up_quota_is_a_429_until_midnight(server: Server) -> None:
    """The third job of a key with two a day is refused; a check of a configuration and another key are not."""
    with key(server, Allowance(jobs_per_day=2)) as one, key(server) as other:
        created = [one.post("/v1/jobs", json=SMALL).status_code for _ in range(2)]
        refused = one.post("/v1/jobs", json=SMALL)
        checked = one.post("/v1/jobs", params={"validate_only": True}, json=SMALL).status_code
        others = other.post("/v1/jobs", json=SMALL).status_code
        resets_at = datetime.fromisoformat(one.get("/v1/me").json()["quota_resets_at"])
    assert [*created, refused.status_code, checked, others] == [202, 202, 429, 200, 202]
    assert refused.json()["code"] == "quota_exceeded"
    assert "key 'ada' has used up its quota of 2 jobs a day" in refused.json()["detail"]
    assert f"resets at {resets_at:%Y-%m-%d %H:%M} UTC" in refused.json()["detail"]
    assert abs(int(refused.headers["retry-after"]) - (resets_at - datetime.now(UTC)).total_seconds()) < 60


def test_a_key_sees_its_allowance(server: Server, client: httpx2.Client) -> None:
    """`GET /v1/me` has weight and quotas and what was used of them; without a key there are none."""
    with key(server, Allowance(weight=2, jobs_per_day=9, core_minutes_per_day=1.5)) as one:
        own = one.get("/v1/me").json()
    anonymous = client.get("/v1/me").json()
    names = ("weight", "jobs_per_day", "core_minutes_per_day", "used_today")
    assert [own[name] for name in names] == [2, 9, 1.5, {"jobs": 0, "core_minutes": 0}]
    assert [anonymous[name] for name in names] == [1, None, None, None]
