"""A job's log over HTTP: a page, a long poll and a stream, the same to every reader, across restarts."""

import json
import threading
import time
from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.servers import Json, Server, finished, job_where, start_job, training

StartServer = Callable[..., Server]

STREAM = {"accept": "text/event-stream"}
LONG = {"epochs": 1000, "checkpoint_every_epochs": 1000}


def stream(client: httpx.Client, job_id: str, **headers: str) -> Iterator[Json]:
    """The events of a stream, until it ends; each is numbered and typed as its data says."""
    with client.stream("GET", f"/v1/jobs/{job_id}/events", headers=STREAM | headers) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        seen: dict[str, str] = {}
        for line in answer.iter_lines():
            name, _, value = line.partition(": ")
            seen[name] = value
            if name == "data":
                event = json.loads(value)
                assert (seen["id"], seen["event"]) == (str(event["number"]), event["type"])
                yield event


def pages(client: httpx.Client, job_id: str, *, limit: int = 1000) -> list[Json]:
    """The whole log, page by page, which must be numbered from 1 without gaps."""
    found: list[Json] = []
    while True:
        query = {"after": len(found), "limit": limit}
        page = client.get(f"/v1/jobs/{job_id}/events", params=query).json()
        found += page["data"]
        assert page["next_after"] == len(found)
        if not page["has_more"]:
            assert [event["number"] for event in found] == list(range(1, len(found) + 1))
            return found


def test_pages_are_the_log(client: httpx.Client, trained: Json) -> None:
    """However long they are."""
    whole = pages(client, trained["id"])
    assert pages(client, trained["id"], limit=2) == whole
    assert [whole[0]["data"]["status"], whole[-1]["data"]["status"]] == ["queued", "succeeded"]


def test_the_log_has_every_loss(client: httpx.Client, trained: Json) -> None:
    """The steps of the log are the history."""
    told = [event["data"] for event in pages(client, trained["id"]) if event["type"] == "steps"]
    history = client.get(f"/v1/jobs/{trained['id']}/history").json()["data"]
    assert [loss for steps in told for loss in steps["losses"]] == [point["loss"] for point in history]


def test_a_stream_of_a_job_that_has_ended_is_the_log(client: httpx.Client, trained: Json) -> None:
    """And ends after the last event."""
    assert list(stream(client, trained["id"])) == pages(client, trained["id"])


def test_a_stream_goes_on_where_it_broke(client: httpx.Client, trained: Json) -> None:
    """After ``Last-Event-ID``."""
    whole = pages(client, trained["id"])
    assert list(stream(client, trained["id"], **{"last-event-id": "3"})) == whole[3:]


def test_a_stream_that_comes_early_sees_all(client: httpx.Client) -> None:
    """From queued to the end, as it happens, and nothing twice."""
    job_id = start_job(client, epochs=3)
    watched = list(stream(client, job_id))
    assert watched == pages(client, job_id)
    assert watched[-1]["data"]["status"] == "succeeded"


def test_a_long_poll_waits_for_news(client: httpx.Client) -> None:
    """It answers when something comes, not when its time is over."""
    job_id = start_job(client, **LONG)
    training(client, job_id)
    after = pages(client, job_id)[-1]["number"]
    answer = client.get(f"/v1/jobs/{job_id}/events", params={"after": after, "wait": 60}).json()
    assert answer["data"][0]["number"] == after + 1
    client.post(f"/v1/jobs/{job_id}/cancel")


def test_a_long_poll_of_a_job_that_has_ended_answers_at_once(client: httpx.Client, trained: Json) -> None:
    """Nothing will come."""
    last = len(pages(client, trained["id"]))
    started = time.monotonic()
    answer = client.get(f"/v1/jobs/{trained['id']}/events", params={"after": last, "wait": 60}).json()
    assert time.monotonic() - started < 30
    assert (answer["data"], answer["next_after"], answer["status"]) == ([], last, "succeeded")


def test_a_loss_that_is_no_number_is_null(client: httpx.Client) -> None:
    """With its name beside it; the last event is the failure, with the reason."""
    huge = {"activation": "linear", "initializer": {"name": "random_uniform", "minval": 0.0, "maxval": 1e6}}
    layers = [*({"units": 64, **huge} for _ in range(7)), {"units": 10, "activation": "softmax"}]
    job_id = start_job(client, network={"layers": layers})
    assert finished(client, job_id)["error"]["code"] == "diverged"
    log = pages(client, job_id)
    last_steps = [event["data"] for event in log if event["type"] == "steps"][-1]
    assert None in last_steps["losses"]
    assert last_steps["nonfinite"] in {"nan", "inf"}
    assert log[-1]["data"]["reason"]["code"] == "diverged"


def test_a_stream_ends_with_its_job_deleted(client: httpx.Client, trained: Json) -> None:
    """There is no such log any more."""
    job_id = start_job(client, epochs=1)
    finished(client, job_id)
    client.delete(f"/v1/jobs/{job_id}")
    assert client.get(f"/v1/jobs/{job_id}/events").status_code == httpx.codes.NOT_FOUND


@pytest.mark.parametrize("query", ["after=-1", "limit=0", "limit=1001", "wait=61"])
def test_a_wrong_query(client: httpx.Client, trained: Json, query: str) -> None:
    """Is refused."""
    answer = client.get(f"/v1/jobs/{trained['id']}/events?{query}")
    assert answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY


def test_two_processes_and_a_restart_tell_the_same(start_server: StartServer) -> None:
    """Who watches one process, is cut off by its end and goes on at the next has the log that the other one tells."""
    server = start_server(max_running_jobs=1)
    with server.client() as client:
        job_id = start_job(client, epochs=30)
        seen: list[Json] = []
        watcher = threading.Thread(target=lambda: seen.extend(stream(client, job_id)))
        watcher.start()
        job_where(client, job_id, lambda job: job["progress"]["epoch"] > 5)
        assert server.stop() in {0, -15}
        watcher.join(60)
        assert not watcher.is_alive()
    with server.start().client() as client:
        seen += stream(client, job_id, **{"last-event-id": str(seen[-1]["number"])})
        assert seen == pages(client, job_id)
    assert seen[-1]["data"]["status"] == "succeeded"
    assert sum(event["data"].get("status") == "queued" for event in seen) == 2


def test_pause_and_resume_leave_no_trace_in_the_weights(client: httpx.Client) -> None:
    """A job that was paused ends as one that was not, and its log has each step once."""
    settings = {"epochs": 20, "checkpoint_every_epochs": 7, "shuffle": True, "optimizer": {"name": "adam"}}
    job_id = start_job(client, **settings)
    training(client, job_id)
    assert client.post(f"/v1/jobs/{job_id}/pause").json()["status"] in {"pausing", "paused"}
    paused = job_where(client, job_id, lambda job: job["status"] == "paused")
    assert paused["progress"]["step"] < paused["progress"]["total_steps"]
    assert client.post(f"/v1/jobs/{job_id}/checkpoints").status_code == httpx.codes.CREATED
    assert client.post(f"/v1/jobs/{job_id}/resume").json()["status"] in {"queued", "running"}
    assert finished(client, job_id)["status"] == "succeeded"
    whole = finished(client, start_job(client, **settings))

    def digest(job: Json) -> str:
        return str(client.get(f"/v1/checkpoints/{job['result']['checkpoint_id']}").json()["sha256"])

    assert digest(whole) == digest(client.get(f"/v1/jobs/{job_id}").json())


def test_a_change_is_told_and_shown(client: httpx.Client) -> None:
    """With the step from which it holds; the job shows it at once."""
    job_id = start_job(client, **LONG)
    training(client, job_id)
    changed = client.patch(f"/v1/jobs/{job_id}", json={"optimizer": {"learning_rate": 0.002}})
    assert changed.json()["optimizer"]["learning_rate"] == 0.002
    change = next(event for event in stream(client, job_id) if event["type"] == "change")
    assert (change["data"]["learning_rate"], change["data"]["momentum"]) == (0.002, None)
    assert client.post(f"/v1/jobs/{job_id}/cancel").status_code == httpx.codes.OK
    finished(client, job_id)
    refused = client.patch(f"/v1/jobs/{job_id}", json={"optimizer": {"learning_rate": 0.1}})
    assert refused.status_code == httpx.codes.CONFLICT
    assert client.patch(f"/v1/jobs/{job_id}", json={"name": "ended"}).json()["name"] == "ended"


def test_a_fork_starts_from_the_last_weights(client: httpx.Client, trained: Json) -> None:
    """With its parent's configuration, but for what is laid over it."""
    answer = client.post(f"/v1/jobs/{trained['id']}/fork", json={"epochs": 1, "optimizer": {"learning_rate": 0.01}})
    assert answer.status_code == httpx.codes.ACCEPTED
    fork = answer.json()
    assert (fork["parent_id"], fork["init_from"]) == (trained["id"], trained["result"]["checkpoint_id"])
    assert (fork["optimizer"]["name"], fork["optimizer"]["learning_rate"]) == ("adam", 0.01)
    assert fork["validation_split"] == trained["validation_split"]
    assert finished(client, fork["id"])["status"] == "succeeded"


def test_no_fork_of_what_has_no_weights(client: httpx.Client, start_server: StartServer) -> None:
    """A job that never trained has none to start from."""
    with start_server(trainer=False).client() as idle:
        answer = idle.post(f"/v1/jobs/{start_job(idle)}/fork", json={})
    assert answer.status_code == httpx.codes.CONFLICT


def test_what_cannot_be_asked_says_why(client: httpx.Client, trained: Json) -> None:
    """A job that has succeeded is neither paused nor resumed."""
    for request in ("pause", "resume", "cancel"):
        answer = client.post(f"/v1/jobs/{trained['id']}/{request}")
        assert answer.status_code == httpx.codes.CONFLICT
        assert "succeeded" in answer.json()["detail"]
