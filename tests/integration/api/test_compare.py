"""Comparisons of jobs: their differences and their metrics."""

import httpx2
import pytest

from tests.servers import Json, finished, start_job


@pytest.fixture(scope="module")
def two(client: httpx2.Client) -> list[Json]:
    """Return two jobs with different learning rates and layers."""
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


def test_differences_have_json_pointers(client: httpx2.Client, two: list[Json]) -> None:
    """A field is listed if the jobs differ in it, with null for a job without it; metadata is not."""
    answer = client.get("/v1/compare", params={"jobs": ",".join(job["id"] for job in two)}).json()
    rows = {row["pointer"]: row["values"] for row in answer["differences"]}
    assert rows["/optimizer/learning_rate"] == [0.1, 0.01]
    assert rows["/network/layers/2/units"] == [None, 10]
    assert "/epochs" not in rows
    assert not any(pointer.startswith("/metadata") for pointer in rows)


def test_compared_jobs_have_their_metrics(client: httpx2.Client, two: list[Json]) -> None:
    """Jobs come in the order of the request, each with its metrics and a unique label."""
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


def test_jobs_of_the_same_name_have_different_labels(client: httpx2.Client) -> None:
    """The end of the id makes labels unique."""
    ids = [start_job(client, name="same") for _ in range(2)]
    answer = client.get("/v1/compare", params={"jobs": ",".join(ids)}).json()
    labels = [job["label"] for job in answer["jobs"]]
    assert len(set(labels)) == 2
    assert all(label.startswith("same (") for label in labels)


@pytest.mark.parametrize(
    ("jobs", "status"),
    [("", 422), (",", 422), ("job_none", 404), (",".join(f"job_{i}" for i in range(21)), 422)],
)
def test_wrong_lists_of_jobs_are_refused(client: httpx2.Client, jobs: str, status: int) -> None:
    """No id, too many ids or an unknown id is a problem document."""
    for path in ("/v1/compare", "/v1/compare/curve.svg"):
        answer = client.get(path, params={"jobs": jobs})
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_repeated_id_is_ignored(client: httpx2.Client, two: list[Json]) -> None:
    """A job is compared once, even if its id is given twice."""
    job_id = two[0]["id"]
    assert len(client.get("/v1/compare", params={"jobs": f"{job_id},{job_id}"}).json()["jobs"]) == 1
