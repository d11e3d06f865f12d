"""Several jobs at once: cancelled and deleted by a filter."""

import httpx2
import pytest

from service.composition import Services
from service.domain.config import JobConfig
from service.domain.job import Status
from service.domain.key import Caller, Scope
from service.jobs.bulk import CANCELLABLE, cancel_jobs, remove_jobs
from service.store.jobs.filters import JobFilter
from tests.integration.api.refusals import problem
from tests.servers import start_job


def test_jobs_are_cancelled_and_deleted_by_a_filter(client: httpx2.Client) -> None:
    """Only jobs that match are changed; the answer has their number and ids, and whether further ones match."""
    other = start_job(client, group="bulk other", epochs=1)
    made = [start_job(client, group="bulk", metadata={"n": str(n)}, epochs=500) for n in range(4)]
    assert client.post("/v1/jobs/cancel?group=bulk&metadata[n]=0").json() == answer(made[:1])
    assert client.post(f"/v1/jobs/cancel?id={made[0]},").json() == client.delete("/v1/jobs?id=").json() == answer([])
    cancelled = client.post("/v1/jobs/cancel?group=bulk&limit=2").json()
    assert cancelled == answer(made[:1:-1], has_more=True)
    assert client.post("/v1/jobs/cancel?group=bulk&status=succeeded").json() == answer([])
    client.post("/v1/jobs/cancel?group=bulk")
    while client.get("/v1/jobs?group=bulk&status=cancelling,running").json()["data"]:
        pass
    assert client.delete("/v1/jobs?group=bulk&status=queued").json() == answer([])
    assert client.delete("/v1/jobs?group=bulk").json() == answer(made[::-1])
    assert client.get("/v1/jobs?group=bulk").json()["data"] == []
    assert client.get(f"/v1/jobs/{other}").is_success


@pytest.mark.parametrize(("method", "path"), [("POST", "/v1/jobs/cancel"), ("DELETE", "/v1/jobs")])
def test_a_filter_is_required(client: httpx2.Client, method: str, path: str) -> None:
    """A request that forgot its filter, misspelt it or sent an empty one changes nothing."""
    assert problem(client.request(method, path), 422, "query")["errors"][0]["code"] == "no_filter"
    assert "limit" in client.request(method, path, params={"limti": 1}).json()["detail"]
    problem(client.request(method, path, params={"status": ""}), 422, "query/status")
    problem(client.request(method, path, params={"group": "x", "limit": 101}), 422, "query/limit")


def test_a_key_changes_its_own_jobs(services: Services) -> None:
    """The filter of a key without the scope `admin` has the key's id."""
    callers = [Caller(id=f"key_{n}", name="n", scopes=frozenset({Scope.TRAIN})) for n in range(2)]
    first, second = (services.jobs.create(JobConfig(), caller=caller).id for caller in callers)
    assert cancel_jobs(services, JobFilter(created_by="key_0"), limit=9).ids == (first,)
    assert services.jobs.get(second).status is Status.QUEUED
    assert remove_jobs(services, JobFilter(created_by="key_1"), limit=9).ids == ()


def test_every_status_can_be_cancelled_or_has_ended() -> None:
    """All but the one that is on its way."""
    assert frozenset(Status) - {Status.CANCELLING, Status.SUCCEEDED, Status.FAILED, Status.CANCELLED} == CANCELLABLE


def answer(ids: list[str], *, has_more: bool = False) -> dict[str, object]:
    """Return the answer of a request that changed these jobs."""
    return {"count": len(ids), "ids": ids, "has_more": has_more}
