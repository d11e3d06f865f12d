"""Lists: one shape, one way to page, sort and filter, and one way not to read them again."""

import httpx2
import pytest

from tests.integration.api.refusals import problem
from tests.servers import Json, start_job

#: Every list of the service, with what a cursor calls an item.
LISTS = {
    "/v1/jobs": "id",
    "/v1/checkpoints": "id",
    "/v1/jobs/{job}/checkpoints": "id",
    "/v1/models": "name",
    "/v1/models/digits/versions": "version",
    "/v1/webhooks": "id",
    "/v1/webhooks/{hook}/deliveries": "id",
}


@pytest.fixture(scope="module")
def hook(client: httpx2.Client) -> str:
    """A webhook with three deliveries."""
    added = client.post("/v1/webhooks", json={"url": "https://example.com/hook", "group": "of no job"}).json()
    for _ in range(3):
        client.post(f"/v1/webhooks/{added['id']}/test")
    return str(added["id"])


@pytest.fixture(scope="module")
def three(client: httpx2.Client) -> list[str]:
    """Three cancelled jobs of the group ``three``, oldest first."""
    return [client.post(f"/v1/jobs/{start_job(client, group='three')}/cancel").json()["id"] for _ in range(3)]


@pytest.mark.parametrize("path", LISTS)
def test_lists_have_one_shape(client: httpx2.Client, trained: Json, hook: str, path: str) -> None:
    """Each has `data`, `has_more` and `next_after`, pages from both ends, `sort` and `order`, and an ETag."""
    path, name = path.format(job=trained["id"], hook=hook), LISTS[path]
    whole = client.get(path, params={"limit": 100})
    assert whole.json().keys() == {"data", "has_more", "next_after"}
    names = [str(item[name]) for item in whole.json()["data"]]
    assert whole.json()["next_after"] == names[-1]
    first = client.get(path, params={"limit": 1}).json()
    rest = client.get(path, params={"limit": 100, "after": first["next_after"]}).json()
    assert [str(item[name]) for item in first["data"] + rest["data"]] == names
    back = client.get(path, params={"limit": 1, "before": names[-1]}).json()
    assert [str(item[name]) for item in back["data"]] == names[-2:-1]
    assert client.get(path, headers={"If-None-Match": whole.headers["etag"]}, params={"limit": 100}).status_code == 304
    order = "desc" if name == "name" else "asc"
    other_way = client.get(path, params={"limit": 100, "order": order}).json()
    assert [str(item[name]) for item in other_way["data"]] == names[::-1]
    problem(client.get(path, params={"sort": "colour"}), 422, "query/sort")
    problem(client.get(path, params={"limit": 0}), 422, "query/limit")
    problem(client.get(path, params={"after": names[0], "before": names[0]}), 422, "query/before")
    problem(client.get(path, params={"after": "no such/id"}), 422, "query/after")


@pytest.mark.parametrize("query", ["status=cancelled,failed", "status=cancelled&status=failed", "order=desc"])
def test_jobs_with_one_of_several_statuses(client: httpx2.Client, three: list[str], query: str) -> None:
    """Statuses stand between commas, or in several parameters."""
    found = client.get(f"/v1/jobs?group=three&{query}").json()
    assert [job["id"] for job in found["data"]] == three[::-1]
    assert client.get("/v1/jobs?group=three&status=queued,running").json()["data"] == []


def test_jobs_with_one_of_several_ids(client: httpx2.Client, three: list[str]) -> None:
    """Ids stand between commas, or in several parameters; an unknown one and an empty one match no job."""
    first, _, last = three
    for query in (f"id={first},job_none,{last}", f"id={first}&id={last}", f"id={first},{last}&group=three"):
        assert [job["id"] for job in client.get(f"/v1/jobs?{query}").json()["data"]] == [last, first]
    assert client.get("/v1/jobs?id=").json()["data"] == []


@pytest.mark.parametrize("status", ["", "done", "queued,", "queued,done"])
def test_an_unknown_status_is_refused(client: httpx2.Client, status: str) -> None:
    """An empty one is no filter for all."""
    problem(client.get("/v1/jobs", params={"status": status}), 422, "query/status")


def test_jobs_of_a_time(client: httpx2.Client, three: list[str]) -> None:
    """`created_after` and `created_before` take a time of any zone, also with the `+` that a client did not encode."""
    middle = client.get(f"/v1/jobs/{three[1]}").json()["created_at"]
    assert ids(client, f"created_after={middle}") == three[2:]
    assert ids(client, f"created_before={middle}") == three[:1]
    assert ids(client, f"created_after={middle.replace('Z', '+00:00')}") == three[2:]
    assert ids(client, f"created_after={middle.removesuffix('Z')}") == three[2:]
    assert ids(client, "created_after=2000-01-01") == three
    problem(client.get("/v1/jobs?created_after=yesterday"), 422, "query/created_after")
    problem(client.get("/v1/jobs?created_after=0.5"), 422, "query/created_after")


def test_jobs_by_accuracy(client: httpx2.Client, trained: Json, three: list[str]) -> None:
    """The best job comes first, and those without a result last, also page by page."""
    found: list[Json] = []
    page: Json = {"next_after": None, "has_more": True}
    while page["has_more"]:
        params = {"sort": "test_accuracy", "limit": 3, "after": page["next_after"]}
        page = client.get("/v1/jobs", params={name: value for name, value in params.items() if value}).json()
        found += page["data"]
    accuracies = [(job["result"] or {}).get("test_accuracy") or -1 for job in found]
    assert accuracies == sorted(accuracies, reverse=True)
    assert {trained["id"], *three} <= {job["id"] for job in found}
    assert len({job["id"] for job in found}) == len(found)


def test_the_last_events(client: httpx2.Client, trained: Json) -> None:
    """A client reads an event log from its end, in the order of the numbers."""
    path = f"/v1/jobs/{trained['id']}/events"
    everything = client.get(path, params={"limit": 1000}).json()["data"]
    last = client.get(path, params={"before": 10**9, "limit": 2}).json()
    assert (last["data"], last["has_more"]) == (everything[-2:], True)
    further = client.get(path, params={"before": last["data"][0]["number"], "limit": 1000}).json()
    assert (further["data"], further["has_more"]) == (everything[:-2], False)
    assert client.get(path, params={"before": 1}).json()["data"] == []
    problem(client.get(path, params={"before": 5, "after": 1}), 422, "query/before")


def ids(client: httpx2.Client, query: str) -> list[str]:
    """Return the ids of the three jobs that match, oldest first."""
    return [job["id"] for job in client.get(f"/v1/jobs?group=three&order=asc&{query}").json()["data"]]
