"""Experiments by the API: created, watched, extended, cancelled and deleted."""

from typing import Any

import httpx2
import pytest

from tests.integration.api.experiments import PATH, QUICK, TWO_ARMS, arm
from tests.servers import OVERFLOWING, Json, until


def created(client: httpx2.Client, **fields: Any) -> Json:
    """Create an experiment with two arms, or other *fields*."""
    answer = client.post(PATH, json=TWO_ARMS | fields)
    assert answer.status_code == httpx2.codes.ACCEPTED, answer.text
    body: Json = answer.json()
    assert answer.headers["Location"] == f"{PATH}/{body['id']}"
    return body


def ended(client: httpx2.Client, experiment_id: str) -> Json:
    """Wait until an experiment has ended, and return it."""

    def ask() -> Json | None:
        found: Json = client.get(f"{PATH}/{experiment_id}").json()
        return None if found["status"] == "running" else found

    return until(ask, what="the end of the experiment")


def jobs_of(client: httpx2.Client, experiment_id: str) -> list[Json]:
    """Return the jobs of an experiment, oldest first."""
    found: list[Json] = client.get("/v1/jobs", params={"experiment": experiment_id, "order": "asc"}).json()["data"]
    return found


@pytest.fixture(scope="module")
def experiment(client: httpx2.Client) -> Json:
    """An experiment with two arms that has ended."""
    return ended(client, created(client)["id"])


def test_the_jobs_are_ordinary_jobs_in_pairs(client: httpx2.Client, experiment: Json) -> None:
    """Each seed has a job of each arm, which names both; the experiment counts them by their states."""
    jobs = jobs_of(client, experiment["id"])
    assert [(job["arm"], job["seed"], job["name"]) for job in jobs] == [
        ("small", 3, "small"),
        ("large", 3, "large"),
        ("small", 1, "small"),
        ("large", 1, "large"),
    ]
    assert (experiment["status"], experiment["jobs"]["succeeded"], experiment["jobs"]["total"]) == ("succeeded", 4, 4)
    assert [each["config"]["seed"] for each in experiment["arms"]] == [None, None]
    assert experiment["finished_at"] is not None


def test_the_result_is_that_of_the_jobs(client: httpx2.Client, experiment: Json) -> None:
    """Each run has the metric of its job; arms have their means, and the pair its difference and a sentence."""
    measured = {(job["arm"], job["seed"]): job["result"]["test_accuracy"] for job in jobs_of(client, experiment["id"])}
    result = client.get(f"{PATH}/{experiment['id']}/result").json()
    runs = {(each["name"], run["seed"]): run["value"] for each in result["arms"] for run in each["jobs"]}
    assert runs == measured
    small, large = (sum(measured[name, seed] for seed in (1, 3)) / 2 for name in ("small", "large"))
    assert [each["mean"] for each in result["arms"]] == pytest.approx([small, large])
    (pair,) = result["pairs"]
    assert (pair["arm"], pair["baseline"], pair["verdict"]) == ("large", "small", "too_few_seeds")
    assert pair["difference"] == pytest.approx(large - small)
    assert pair["sentence"]
    assert (result["status"], result["seeds"], result["note"]) == ("succeeded", [3, 1], None)


def test_the_result_speaks_spanish_and_has_a_tag(client: httpx2.Client, experiment: Json) -> None:
    """The sentence is in the language of the reader, and a result that has not changed is a 304."""
    path = f"{PATH}/{experiment['id']}/result"
    english, spanish = (client.get(path, headers={"Accept-Language": language}) for language in ("en", "es"))
    assert spanish.headers["Content-Language"] == "es"
    assert english.json()["pairs"][0]["sentence"] != spanish.json()["pairs"][0]["sentence"]
    assert english.headers["ETag"] != spanish.headers["ETag"]
    again = client.get(path, headers={"Accept-Language": "es", "If-None-Match": spanish.headers["ETag"]})
    assert again.status_code == httpx2.codes.NOT_MODIFIED


@pytest.mark.parametrize(("name", "table"), [("dots", "runs"), ("curve", "points")])
def test_charts_have_the_runs(client: httpx2.Client, experiment: Json, name: str, table: str) -> None:
    """Every run is in the dots, and every arm in the curves; each chart is also an SVG."""
    path = f"{PATH}/{experiment['id']}/{name}"
    rows = client.get(f"{path}.json").json()["datasets"][table]
    wanted = {"dots": [("small", 3), ("small", 1), ("large", 3), ("large", 1)], "curve": [("small", 1), ("large", 1)]}
    key = {"dots": ("arm", "seed"), "curve": ("run", "epoch")}[name]
    assert [tuple(row[each] for each in key) for row in rows] == wanted[name]
    assert client.get(f"{path}.svg", params={"language": "es"}).text.startswith("<svg")


def test_a_check_queues_nothing(client: httpx2.Client, nothing_changes: None) -> None:  # checks afterwards
    """`validate_only` answers the resolved arms, the number of jobs, the time, and what so many seeds can show."""
    answer = client.post(PATH, params={"validate_only": True}, json=TWO_ARMS | {"seeds": 8})
    assert answer.status_code == httpx2.codes.OK
    plan = answer.json()
    assert (plan["jobs"], plan["seeds"]) == (16, [1, 2, 3, 4, 5, 6, 7, 8])
    assert plan["arms"][1]["config"]["optimizer"]["learning_rate"] == 0.1
    assert plan["estimated_s"] > 0
    assert (
        0
        < plan["minimal_detectable_difference"]
        == pytest.approx(plan["minimal_detectable_effect"] * plan["assumed_sd"])
    )


def test_a_sweep_makes_an_arm_of_each_combination(client: httpx2.Client) -> None:
    """The arms are named by what differs, and have the swept values; a budget draws some of the combinations."""
    sweep = {"/optimizer/learning_rate": [0.01, 0.1], "/batch_size": [64, 128]}
    body = {"config": QUICK, "sweep": sweep, "seeds": 6}
    plan = client.post(PATH, params={"validate_only": True}, json=body).json()
    assert [arm["name"] for arm in plan["arms"]][:2] == [
        "learning_rate=0.01, batch_size=64",
        "learning_rate=0.01, batch_size=128",
    ]
    assert plan["jobs"] == 24
    last = plan["arms"][-1]
    assert last["values"] == {"/optimizer/learning_rate": 0.1, "/batch_size": 128}
    assert (last["config"]["optimizer"]["learning_rate"], last["config"]["batch_size"]) == (0.1, 128)
    drawn = {"/optimizer/learning_rate": {"low": 0.001, "high": 1, "scale": "log"}}
    plan = client.post(PATH, params={"validate_only": True}, json=body | {"sweep": drawn, "budget": 5}).json()
    assert len({arm["config"]["optimizer"]["learning_rate"] for arm in plan["arms"]}) == 5


def test_a_sweep_shows_what_mattered(client: httpx2.Client) -> None:
    """The result has the effect of each field and the best arm so far, and there are charts of both."""
    sweep = {"/optimizer/learning_rate": [0.0001, 0.1], "/batch_size": [250, 500]}
    experiment_id = created(client, arms=None, baseline=None, config=QUICK, sweep=sweep, seeds=2)["id"]
    ended(client, experiment_id)
    found = client.get(f"{PATH}/{experiment_id}/result").json()["sweep"]
    assert {each["label"] for each in found["effects"]} == {"learning_rate", "batch_size"}
    assert sum(each["importance"] for each in found["effects"]) == pytest.approx(
        1 - found["rest"] - found["noise"], abs=0.01
    )
    assert (found["method"], found["arms"], len(found["best_so_far"])) == ("main_effects", 4, 4)
    for figure in ("effects", "best_so_far", "parallel"):
        drawn = client.get(f"{PATH}/{experiment_id}/sweep.svg", params={"figure": figure})
        assert drawn.text.startswith("<svg"), drawn.text


def test_an_experiment_without_a_sweep_has_no_chart_of_one(client: httpx2.Client, experiment: Json) -> None:
    """The result has no sweep, and the chart is a conflict."""
    assert client.get(f"{PATH}/{experiment['id']}/result").json()["sweep"] is None
    assert client.get(f"{PATH}/{experiment['id']}/sweep.svg").status_code == httpx2.codes.CONFLICT


def test_an_arm_that_diverges_is_a_result(client: httpx2.Client) -> None:
    """Its failures are named with their jobs, and the other arm is better on each of these seeds."""
    arms = [arm("calm"), arm("wild", **OVERFLOWING)]
    experiment = ended(client, created(client, arms=arms, baseline=None, seeds=2)["id"])
    assert (experiment["status"], experiment["jobs"]["failed"]) == ("succeeded", 2)
    result = client.get(f"{PATH}/{experiment['id']}/result").json()
    calm, wild = result["arms"]
    assert (calm["n"], wild["n"], wild["diverged"], wild["failed"], result["best"]) == (2, 0, 2, 0, "calm")
    assert {run["error"]["code"] for run in wild["jobs"]} == {"diverged"}
    assert result["pairs"][0]["losses"] == 2


def test_the_best_epoch_is_chosen_by_validation(client: httpx2.Client) -> None:
    """The value is the test accuracy of the epoch with the best validation accuracy, whatever the last one has."""
    arms = [arm(name, validation_split=0.2, epochs=3, optimizer={"name": name}) for name in ("adam", "rmsprop")]
    body = {"arms": arms, "baseline": None, "seeds": 1, "epoch": "best_validation"}
    experiment = ended(client, created(client, **body)["id"])
    result = client.get(f"{PATH}/{experiment['id']}/result").json()
    for each in result["arms"]:
        (run,) = each["jobs"]
        history = client.get(f"/v1/jobs/{run['job_id']}/history", params={"granularity": "epoch"}).json()["data"]
        assert run["value"] == max(history, key=lambda point: point["validation_accuracy"])["test_accuracy"]


def test_more_seeds_and_a_deleted_job(client: httpx2.Client) -> None:
    """Added seeds follow the largest; the result says that it was seen before, and that a job is missing."""
    experiment_id = ended(client, created(client, seeds=1)["id"])["id"]
    answer = client.post(f"{PATH}/{experiment_id}/seeds", json={"add": 1})
    assert answer.status_code == httpx2.codes.ACCEPTED
    ended(client, experiment_id)
    client.delete(f"/v1/jobs/{jobs_of(client, experiment_id)[0]['id']}").raise_for_status()
    result = client.get(f"{PATH}/{experiment_id}/result").json()
    assert (result["seeds"], result["looks"], result["note"] is None) == ([1, 2], 1, False)
    assert (result["pairs"][0]["verdict"], result["pairs"][0]["missing"]) == ("incomplete", 1)
    assert [run["job_id"] is None for run in result["arms"][0]["jobs"]] == [True, False]
    assert client.get(f"{PATH}/{experiment_id}").json()["jobs"]["deleted"] == 1


def test_cancelled_and_deleted(client: httpx2.Client) -> None:
    """Cancelling ends all jobs that have not ended; an experiment that has ended can be deleted, with its jobs."""
    experiment_id = created(client, arms=[arm("a", epochs=900), arm("b", epochs=901)], baseline=None, seeds=9)["id"]
    assert client.delete(f"{PATH}/{experiment_id}").status_code == httpx2.codes.CONFLICT
    client.post(f"{PATH}/{experiment_id}/cancel").raise_for_status()
    assert ended(client, experiment_id)["status"] == "cancelled"
    assert {job["status"] for job in jobs_of(client, experiment_id)} == {"cancelled"}
    assert client.post(f"{PATH}/{experiment_id}/cancel").json()["status"] == "cancelled"
    refused = client.post(f"{PATH}/{experiment_id}/seeds", json={"add": 1})
    assert refused.status_code == httpx2.codes.CONFLICT
    assert client.delete(f"{PATH}/{experiment_id}").status_code == httpx2.codes.NO_CONTENT
    assert client.get(f"{PATH}/{experiment_id}").status_code == httpx2.codes.NOT_FOUND
    assert jobs_of(client, experiment_id) == []


def test_a_repeated_request_creates_one_experiment(client: httpx2.Client) -> None:
    """The same key and body give the same experiment; another body is a conflict."""
    headers = {"Idempotency-Key": "once"}
    first, second = (client.post(PATH, json=TWO_ARMS | {"seeds": 1}, headers=headers) for _ in range(2))
    assert first.json()["id"] == second.json()["id"]
    assert client.post(PATH, json=TWO_ARMS, headers=headers).status_code == httpx2.codes.CONFLICT
    ended(client, first.json()["id"])


def test_experiments_are_listed(client: httpx2.Client, experiment: Json) -> None:
    """The list has the newest first, by status, and a tag."""
    answer = client.get(PATH, params={"status": "succeeded", "limit": 100})
    assert experiment in answer.json()["data"]
    again = client.get(
        PATH, params={"status": "succeeded", "limit": 100}, headers={"If-None-Match": answer.headers["ETag"]}
    )
    assert again.status_code == httpx2.codes.NOT_MODIFIED
