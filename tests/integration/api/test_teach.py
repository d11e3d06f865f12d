"""Teaching over HTTP: pictures of one's own, a job of seconds, and the metrics on both datasets."""

import csv
import io
from collections.abc import Iterator

import httpx2
import orjson
import pytest

from service.domain.ids import new_id
from tests.integration.api.labelled import ROWS, added
from tests.integration.api.refusals import problem
from tests.servers import Json, finished

SEVEN = [
    [255 if (y in {5, 6} and 7 <= x < 20) or (y > 6 and y < 24 and x == 19 - y // 4) else 0 for x in range(28)]
    for y in range(28)
]


@pytest.fixture(scope="module")
def mine(client: httpx2.Client) -> Iterator[str]:
    """The name of a dataset with two training pictures and a test picture."""
    name = new_id("mine")
    client.post("/v1/datasets", json={"name": name}).raise_for_status()
    samples = [
        {"label": 1, "pixels": ROWS, "split": "train"},
        {"label": 7, "pixels": SEVEN, "split": "train"},
        {"label": 1, "pixels": ROWS, "split": "test"},
    ]
    added(client, f"/v1/datasets/{name}", samples=samples)
    yield name
    client.delete(f"/v1/datasets/{name}").raise_for_status()


@pytest.fixture(scope="module")
def teaching(client: httpx2.Client, trained: Json, mine: str) -> Json:  # `trained` is live
    """The teaching job, which has ended."""
    answer = client.post(f"/v1/datasets/{mine}/teach", json={"seed": 1, "epochs": 2})
    assert answer.status_code == 202, answer.text
    assert answer.headers["location"] == f"/v1/jobs/{answer.json()['id']}"
    return finished(client, answer.json()["id"])


def test_teaching_starts_from_live_on_both_datasets(client: httpx2.Client, teaching: Json, mine: str) -> None:
    """The job names the live checkpoint and its network, and the version of each dataset; the body overrides it."""
    started_from = client.get(f"/v1/checkpoints/{teaching['init_from']}").json()
    assert teaching["network"] == started_from["network"]
    assert teaching["datasets"] == [
        {"name": "mnist", "weight": 0.1, "version": None},
        {"name": mine, "weight": 20.0, "version": client.get(f"/v1/datasets/{mine}").json()["version"]},
    ]
    assert (teaching["dataset"], teaching["epochs"]) == ("mnist", 2)
    assert teaching["progress"]["total_steps"] == 2 * -(-(6000 + 40) // 128)


def test_each_epoch_and_the_result_show_both_datasets(client: httpx2.Client, teaching: Json, mine: str) -> None:
    """History, events and result have the same metrics, of the test pictures where there are any."""
    history = f"/v1/jobs/{teaching['id']}/history?granularity=epoch"
    points = client.get(history).json()["data"]
    sets = points[-1]["sets"]
    assert [(each["dataset"], each["split"], each["samples"]) for each in sets] == [
        ("mnist", "test", 10_000),
        (mine, "test", 1),
    ]
    assert sets[0]["accuracy"] == points[-1]["test_accuracy"]
    assert teaching["result"]["sets"] == sets
    events = client.get(f"/v1/jobs/{teaching['id']}/events?limit=100").json()["data"]
    assert [each["data"]["sets"] for each in events if each["type"] == "epoch"] == [each["sets"] for each in points]


def test_tables_of_epochs_have_the_metrics_on_each_dataset(client: httpx2.Client, teaching: Json, mine: str) -> None:
    """In CSV they are columns; each line of NDJSON is an object."""
    history = f"/v1/jobs/{teaching['id']}/history?granularity=epoch"
    points = client.get(history).json()["data"]
    rows = list(csv.DictReader(io.StringIO(client.get(f"{history}&format=csv").text)))
    assert [float(row[f"{mine}_test_accuracy"]) for row in rows] == [each["sets"][1]["accuracy"] for each in points]
    assert "sets" not in rows[0]
    lines = client.get(f"{history}&format=ndjson").content.splitlines()
    assert [orjson.loads(line) for line in lines] == points


def test_weights_are_evaluated_on_another_dataset(client: httpx2.Client, teaching: Json, mine: str) -> None:
    """Before and after teaching, on its newest version; without test pictures on the training pictures."""
    path = f"/v1/checkpoints/{teaching['result']['checkpoint_id']}/evaluation"
    found = client.get(path, params={"dataset": mine}).json()
    assert (found["dataset"], found["split"], found["samples"]) == (mine, "test", 1)
    assert found["accuracy"] == teaching["result"]["sets"][1]["accuracy"]
    assert client.get(path).json()["dataset"] == "mnist"
    problem(client.get(path, params={"dataset": "mein"}), 404)


def test_what_cannot_be_taught_is_refused(client: httpx2.Client, trained: Json) -> None:  # likewise
    """A dataset that does not exist, MNIST, one without pictures, and a wrong field."""
    problem(client.post("/v1/datasets/nowhere/teach"), 404)
    problem(client.post("/v1/datasets/mnist/teach"), 409)
    problem(client.post("/v1/datasets/tiny/teach", json={"epoch": 3}), 422, "/epoch")
    empty = new_id("empty")
    client.post("/v1/datasets", json={"name": empty}).raise_for_status()
    problem(client.post(f"/v1/datasets/{empty}/teach"), 422, "/datasets/1/name")
    client.delete(f"/v1/datasets/{empty}").raise_for_status()
