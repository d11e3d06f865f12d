"""The history over HTTP: polled, thinned, and in three formats."""

import csv
import io
import json

import httpx2
import pandas as pd
import pytest

from tests.servers import Json, Server

STEPS, EPOCH_STEPS = 30, 15


@pytest.fixture
def history(client: httpx2.Client, trained: Json) -> str:
    """Return the path of the history."""
    return f"/v1/jobs/{trained['id']}/history"


def test_every_step_is_in_the_history(client: httpx2.Client, history: str) -> None:
    """Steps count from 1 without gaps, each with its epoch."""
    answer = client.get(history).json()
    assert [(point["step"], point["epoch"]) for point in answer["data"]] == [
        (step, (step - 1) // EPOCH_STEPS + 1) for step in range(1, STEPS + 1)
    ]
    assert all(isinstance(point["loss"], float) for point in answer["data"])
    rest = {name: value for name, value in answer.items() if name != "data"}
    facts = {"total_points": STEPS, "sampled": False, "has_more": False, "next_after": STEPS, "status": "succeeded"}
    assert rest == facts


def test_polling_returns_new_points_only(client: httpx2.Client, history: str) -> None:
    """``after`` returns the later points; at the end nothing, with the same ``next_after``."""
    whole = client.get(history).json()["data"]
    assert client.get(f"{history}?after=20").json()["data"] == whole[20:]
    last = client.get(f"{history}?after={STEPS}").json()
    assert (last["data"], last["next_after"], last["total_points"]) == ([], STEPS, STEPS)


def test_epochs(client: httpx2.Client, history: str, trained: Json) -> None:
    """Each epoch has its metrics; the result has the metrics of the last epoch."""
    data = client.get(f"{history}?granularity=epoch").json()["data"]
    assert [(point["epoch"], point["step"]) for point in data] == [(1, EPOCH_STEPS), (2, STEPS)]
    result = trained["result"]
    assert {name: data[-1][name] for name in result if name in data[-1]} == {
        n: result[n] for n in result if n in data[-1]
    }
    assert data[-1].keys() >= {"loss", "train_loss", "train_accuracy", "validation_loss", "test_accuracy", "seconds"}


def test_epochs_newer_than_a_step(client: httpx2.Client, history: str) -> None:
    """``after`` is a step for epochs, too."""
    answer = client.get(f"{history}?granularity=epoch&after={EPOCH_STEPS}").json()
    assert [point["epoch"] for point in answer["data"]] == [2]
    assert (answer["total_points"], answer["next_after"]) == (2, STEPS)


def test_a_thinned_history_says_so(client: httpx2.Client, history: str) -> None:
    """``sampled`` is true; the first, last, lowest and highest points stay; the stored history is unchanged."""
    whole = client.get(history).json()["data"]
    thin = client.get(f"{history}?max_points=8").json()
    shown = {point["step"]: point["loss"] for point in thin["data"]}
    assert len(shown) <= 8
    assert (thin["sampled"], thin["total_points"], thin["next_after"]) == (True, STEPS, STEPS)
    assert {1, STEPS} <= shown.keys()
    losses = [point["loss"] for point in whole]
    assert {min(losses), max(losses)} <= set(shown.values())
    assert client.get(history).json()["data"] == whole


def test_max_points_above_the_number_of_points(client: httpx2.Client, history: str) -> None:
    """All points are returned, and ``sampled`` is false."""
    answer = client.get(f"{history}?max_points=1000").json()
    assert (len(answer["data"]), answer["sampled"]) == (STEPS, False)


def test_pandas_reads_a_url(session_server: Server, client: httpx2.Client, history: str) -> None:
    """`pd.read_csv(url)` needs no header: by the suffix, and by the query."""
    whole = client.get(history).json()["data"]
    for url in (f"{history}.csv", f"{history}?format=csv"):
        frame = pd.read_csv(session_server.base_url + url)
        assert frame.to_dict("records") == [pytest.approx(point) for point in whole]
    epochs = pd.read_csv(f"{session_server.base_url}{history}.csv?granularity=epoch")
    assert epochs["step"].tolist() == [EPOCH_STEPS, STEPS]


@pytest.mark.parametrize(("format", "kind"), [("json", "application/json"), ("ndjson", "application/x-ndjson")])
def test_the_query_overrides_accept(client: httpx2.Client, history: str, format: str, kind: str) -> None:  # noqa: A002  # the contract's name
    """`?format=` wins over the header; an unknown format is a 422."""
    answer = client.get(f"{history}?format={format}", headers={"accept": "text/csv"})
    assert answer.headers["content-type"] == kind
    assert client.get(f"{history}?format=xlsx").status_code == 422


@pytest.mark.parametrize("granularity", ["step", "epoch"])
def test_as_csv(client: httpx2.Client, history: str, granularity: str) -> None:
    """It has a header and a line for each point; the paging fields are response headers."""
    points = client.get(f"{history}?granularity={granularity}").json()["data"]
    answer = client.get(f"{history}?granularity={granularity}", headers={"accept": "text/csv"})
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [float(row["loss"]) for row in rows] == [point["loss"] for point in points]
    assert [int(row["step"]) for row in rows] == [point["step"] for point in points]
    paging = [answer.headers[f"x-{name}"] for name in ("total-points", "sampled", "has-more", "next-after")]
    assert paging == [str(len(points)), "false", "false", str(STEPS)]


def test_as_newline_delimited_json(client: httpx2.Client, history: str) -> None:
    """Each line is a point."""
    answer = client.get(history, headers={"accept": "application/x-ndjson"})
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert [json.loads(line) for line in answer.text.splitlines()] == client.get(history).json()["data"]


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("text/csv;q=0.5, application/json", "application/json"),
        ("text/*", "text/csv"),
        ("application/json;q=0, */*", "text/csv"),
        ("TEXT/CSV", "text/csv"),
        ("*/*;q=nan, text/csv", "text/csv"),
    ],
)
def test_the_format_is_negotiated(client: httpx2.Client, history: str, accept: str, form: str) -> None:
    """The weight decides, and the most specific media range."""
    assert client.get(history, headers={"accept": accept}).headers["content-type"].startswith(form)


def test_an_unknown_format(client: httpx2.Client, history: str) -> None:
    """The response is a ``406`` that names the available formats."""
    answer = client.get(history, headers={"accept": "image/png"})
    assert (answer.status_code, answer.json()["code"]) == (406, "not_acceptable")
    assert "text/csv" in answer.json()["detail"]


def test_the_history_of_a_queued_job(client: httpx2.Client) -> None:
    """The history is empty, in every format."""
    job = client.post("/v1/jobs", json={"dataset": "tiny", "epochs": 1}).json()
    cancelled = client.post(f"/v1/jobs/{job['id']}/cancel").json()["status"]
    if cancelled == "cancelled":
        empty = client.get(f"/v1/jobs/{job['id']}/history").json()
        assert (empty["data"], empty["next_after"]) == ([], 0)
        text = client.get(f"/v1/jobs/{job['id']}/history", headers={"accept": "text/csv"}).text
        assert text.strip() == "step,epoch,loss"
