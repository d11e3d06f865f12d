"""Jobs beside each other: what differs, and what came out."""

import httpx
import pytest

from tests.servers import Json, finished, start_job


@pytest.fixture(scope="module")
def two(client: httpx.Client) -> list[Json]:
    """Two jobs that differ in their rates and in how many layers they have."""
    deep = {
        "layers": [
            {"units": 16, "activation": "relu"},
            {"units": 8, "activation": "relu"},
            {"units": 10, "activation": "softmax"},
        ]
    }
    ids = [
        start_job(client, epochs=2, optimizer={"learning_rate": 0.1}),
        start_job(client, epochs=2, optimizer={"learning_rate": 0.01}, network=deep, metadata={"a": "b"}),
    ]
    return [finished(client, job_id) for job_id in ids]


def test_what_differs_is_told_by_pointer(client: httpx.Client, two: list[Json]) -> None:
    """A field is listed where the jobs differ in it, with null where one has none; words such as metadata are not."""
    answer = client.get("/v1/compare", params={"jobs": ",".join(job["id"] for job in two)}).json()
    rows = {row["pointer"]: row["values"] for row in answer["differences"]}
    assert rows["/optimizer/learning_rate"] == [0.1, 0.01]
    assert rows["/network/layers/2/units"] == [None, 10]
    assert "/epochs" not in rows
    assert not any(pointer.startswith("/metadata") for pointer in rows)


def test_what_came_out_is_told(client: httpx.Client, two: list[Json]) -> None:
    """The figures are those of the jobs, in the order in which they were asked for, under names of their own."""
    wanted = list(reversed(two))
    answer = client.get("/v1/compare", params={"jobs": ",".join(job["id"] for job in wanted)}).json()
    assert [job["id"] for job in answer["jobs"]] == [job["id"] for job in wanted]
    assert [job["figures"]["test_accuracy"] for job in answer["jobs"]] == [
        job["result"]["test_accuracy"] for job in wanted
    ]
    assert len({job["label"] for job in answer["jobs"]}) == 2
    for job in answer["jobs"]:
        assert job["epochs_done"] == 2
        assert job["best_test_accuracy"] >= job["figures"]["test_accuracy"]


def test_jobs_of_one_name_are_told_apart(client: httpx.Client) -> None:
    """Where names are the same, labels are not."""
    ids = [start_job(client, name="same") for _ in range(2)]
    answer = client.get("/v1/compare", params={"jobs": ",".join(ids)}).json()
    labels = [job["label"] for job in answer["jobs"]]
    assert len(set(labels)) == 2
    assert all(label.startswith("same (") for label in labels)


@pytest.mark.parametrize(
    ("jobs", "status"),
    [("", 422), (",", 422), ("job_none", 404), (",".join(f"job_{i}" for i in range(21)), 422)],
)
def test_bad_sets_are_refused(client: httpx.Client, jobs: str, status: int) -> None:
    """None, too many, or one that there is not."""
    for path in ("/v1/compare", "/v1/compare/curve.svg"):
        answer = client.get(path, params={"jobs": jobs})
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_job_asked_for_twice_is_there_once(client: httpx.Client, two: list[Json]) -> None:
    """A set has no doubles."""
    job_id = two[0]["id"]
    assert len(client.get("/v1/compare", params={"jobs": f"{job_id},{job_id}"}).json()["jobs"]) == 1
