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


def test_jobs_that_differ_in_the_seed_only_are_grouped(client: httpx2.Client, two: list[Json]) -> None:
    """A group has one curve, its mean with a band over all jobs, and the spread of each metric of their results."""
    again = finished(client, start_job(client, epochs=2, optimizer={"learning_rate": 0.1}, seed=2, name="again"))
    jobs = ",".join(job["id"] for job in [*two, again])
    first, other = client.get("/v1/compare", params={"jobs": jobs}).json()["groups"]
    assert (first["jobs"], other["jobs"]) == ([two[0]["id"], again["id"]], [two[1]["id"]])
    results = [job["result"]["test_accuracy"] for job in (two[0], again)]
    spread = first["figures"]["test_accuracy"]
    assert (spread["n"], spread["minimum"], spread["maximum"]) == (2, min(results), max(results))
    assert spread["mean"] == pytest.approx(sum(results) / 2)
    assert spread["sd"] == pytest.approx(abs(results[0] - results[1]) / 2**0.5)
    assert other["figures"]["test_accuracy"]["sd"] is None

    for figure, place in (("test_accuracy", "epoch"), ("loss", "step")):
        chart = client.get(f"/v1/compare/curve.json?jobs={jobs}&figure={figure}&group=config").json()
        rows = [row for row in chart["datasets"]["points"] if row["run"] == first["label"]]
        assert len(rows) == len({row[place] for row in rows})
        assert all(row["low"] <= row["mean"] <= row["high"] for row in rows)
    last = [row for row in chart["datasets"]["points"] if row["run"] == other["label"]][-1]
    assert last["low"] == last["mean"] == last["high"]


def test_runs_with_other_batch_sizes_are_compared_by_what_they_have_seen(client: httpx2.Client) -> None:
    """The x axis counts steps, epochs, images or seconds; after two epochs both runs have seen the same images."""
    ids = [start_job(client, epochs=2, batch_size=size, name=f"batches of {size}") for size in (100, 400)]
    jobs = ",".join(finished(client, job_id)["id"] for job_id in ids)

    def last(figure: str, x: str, group: str = "") -> list[float]:
        chart = client.get(f"/v1/compare/curve.json?jobs={jobs}&figure={figure}&x={x}{group}").json()
        points = {row["run"]: row["x"] for row in chart["datasets"]["points"]}
        return [points["batches of 100"], points["batches of 400"]]

    assert last("loss", "step") == [40, 10]
    for figure in ("loss", "test_accuracy"):
        assert last(figure, "epoch") == last(figure, "epoch", "&group=config") == [2, 2]
        assert last(figure, "images") == [4000, 4000]
    seconds = [job["seconds"] for job in client.get("/v1/compare", params={"jobs": jobs}).json()["jobs"]]
    assert last("loss", "seconds") == pytest.approx(seconds)
    for form in ("svg", "png"):
        assert client.get(f"/v1/compare/curve.{form}?jobs={jobs}&x=seconds&figure=test_loss").status_code == 200


@pytest.mark.parametrize("figure", ["loss", "test_accuracy"])
@pytest.mark.parametrize("options", ["", "&x=images", "&group=config", "&group=config&x=seconds"])
def test_the_points_are_those_of_the_chart(client: httpx2.Client, two: list[Json], figure: str, options: str) -> None:
    """`points` has a column for each of the chart's, by steps or epochs unless `x` says otherwise."""
    query = f"jobs={','.join(job['id'] for job in two)}&figure={figure}&max_points=8{options}"
    points = client.get(f"/v1/compare/points?{query}").json()
    rows = client.get(f"/v1/compare/curve.json?{query}").json()["datasets"]["points"]
    natural, smooth = ("step", "smooth") if figure == "loss" else ("epoch", figure)
    assert points["figure"] == figure
    assert points["x"] == (options.rpartition("x=")[2] if "x=" in options else natural)
    assert [curve["jobs"] for curve in points["curves"]] == [[job["id"]] for job in two]
    for curve in points["curves"]:
        drawn = [row for row in rows if row["run"] == curve["label"]]
        assert len(drawn) == len(curve["x"]) > 0
        assert curve["x"] == pytest.approx([row.get("x", row.get(natural)) for row in drawn])
        assert curve["y"] == pytest.approx([row.get("mean", row.get(smooth)) for row in drawn])
        assert curve["losses"] == pytest.approx([row["loss"] for row in drawn if "loss" in row])
        for end in ("low", "high"):
            assert curve[end] == pytest.approx([row[end] for row in drawn if end in row])


def test_unchanged_points_are_not_sent_again(client: httpx2.Client, two: list[Json]) -> None:
    """With the ETag of the last answer, the answer is a 304."""
    path = f"/v1/compare/points?jobs={two[0]['id']}"
    etag = client.get(path).headers["etag"]
    assert client.get(path, headers={"If-None-Match": etag}).status_code == 304


@pytest.mark.parametrize(
    ("jobs", "status"),
    [("", 422), (",", 422), ("job_none", 404), (",".join(f"job_{i}" for i in range(65)), 422)],
)
def test_wrong_lists_of_jobs_are_refused(client: httpx2.Client, jobs: str, status: int) -> None:
    """No id, too many ids or an unknown id is a problem document."""
    for path in ("/v1/compare", "/v1/compare/points", "/v1/compare/curve.svg"):
        answer = client.get(path, params={"jobs": jobs})
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_repeated_id_is_ignored(client: httpx2.Client, two: list[Json]) -> None:
    """A job is compared once, even if its id is given twice."""
    job_id = two[0]["id"]
    assert len(client.get("/v1/compare", params={"jobs": f"{job_id},{job_id}"}).json()["jobs"]) == 1
