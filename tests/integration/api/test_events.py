"""A job's event log over HTTP: a page, a long poll and a stream have the same events, also after a restart."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import httpx2
import pytest

from service.api.routes.events import KEEP_ALIVE, server_sent
from service.domain.event import Event, EventType
from tests.servers import Json, Server, finished, job_where, start_job, training

StartServer = Callable[..., Server]

STREAM = {"accept": "text/event-stream"}
LONG = {"epochs": 1000, "checkpoint_every_epochs": 1000}


def stream(client: httpx2.Client, job_id: str, **headers: str) -> Iterator[Json]:
    """Yield the events of a stream until it ends; check that `id` and `event` match the data."""
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


def pages(client: httpx2.Client, job_id: str, *, limit: int = 1000) -> list[Json]:
    """Return the whole log, page by page; check that it is numbered from 1 without gaps."""
    found: list[Json] = []
    while True:
        query = {"after": len(found), "limit": limit}
        page = client.get(f"/v1/jobs/{job_id}/events", params=query).json()
        found += page["data"]
        assert page["next_after"] == len(found)
        if not page["has_more"]:
            assert [event["number"] for event in found] == list(range(1, len(found) + 1))
            return found


def test_pages_are_the_log(client: httpx2.Client, trained: Json) -> None:
    """Pages of any length make up the same log."""
    whole = pages(client, trained["id"])
    assert pages(client, trained["id"], limit=2) == whole
    assert [whole[0]["data"]["status"], whole[-1]["data"]["status"]] == ["queued", "succeeded"]


def test_the_log_has_every_loss(client: httpx2.Client, trained: Json) -> None:
    """The losses in the log are those of the history."""
    chunks = [event["data"] for event in pages(client, trained["id"]) if event["type"] == "steps"]
    history = client.get(f"/v1/jobs/{trained['id']}/history").json()["data"]
    assert [loss for steps in chunks for loss in steps["losses"]] == [point["loss"] for point in history]


def test_the_bytes_of_an_event_are_exactly_these() -> None:
    """Fields, their order, spaces and line breaks are part of the contract; so is the keep-alive comment."""
    at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    event = Event(number=7, type=EventType.STATUS, at=at, data={"loss": float("nan")})
    data = (
        b'{"event_number":7,"type":"status","created_at":"2026-01-02T03:04:05Z","data":{"loss":null,"nonfinite":"nan"},'
        b'"number":7,"at":"2026-01-02T03:04:05Z"}'
    )
    assert server_sent(event) == b"id: 7\nevent: status\ndata: " + data + b"\n\n"
    assert KEEP_ALIVE == b": keep-alive\n\n"


def test_a_stream_begins_with_the_time_to_reconnect(client: httpx2.Client, trained: Json) -> None:
    """`retry`, in milliseconds, is the first line of the first event, and no event of its own."""
    answer = client.get(f"/v1/jobs/{trained['id']}/events", headers=STREAM)
    assert answer.content.startswith(b'retry: 1000\nid: 1\nevent: status\ndata: {"event_number":1,"type":"status",')
    assert answer.content.count(b"retry:") == 1
    assert answer.content.endswith(b"}\n\n")


def test_no_proxy_may_compress_a_stream(client: httpx2.Client, trained: Json) -> None:
    """A proxy that compressed it would collect events first: nginx and Express obey `no-transform`."""
    headers = client.get(f"/v1/jobs/{trained['id']}/events", headers=STREAM).headers
    assert headers["cache-control"] == "no-cache, no-transform"
    assert headers["vary"] == "Accept"


def test_a_stream_with_nothing_left_is_a_204(client: httpx2.Client, trained: Json) -> None:
    """EventSource reconnects after every 200; a 204 ends it. One event before the end the stream has that event."""
    path, last = f"/v1/jobs/{trained['id']}/events", len(pages(client, trained["id"]))
    for after in (last, last + 5):
        ended = client.get(path, headers=STREAM | {"last-event-id": str(after)})
        assert (ended.status_code, ended.content) == (httpx2.codes.NO_CONTENT, b"")
    (event,) = stream(client, trained["id"], **{"last-event-id": str(last - 1)})
    assert event["data"]["status"] == "succeeded"


def test_an_empty_last_event_id_is_none(client: httpx2.Client, trained: Json) -> None:
    """Some clients send the header before they have seen an event; any other text is a 422."""
    whole = pages(client, trained["id"])
    assert list(stream(client, trained["id"], **{"last-event-id": ""})) == whole
    refused = client.get(f"/v1/jobs/{trained['id']}/events", headers=STREAM | {"last-event-id": "three"})
    assert refused.status_code == httpx2.codes.UNPROCESSABLE_CONTENT


def test_a_stream_of_an_ended_job_is_the_log(client: httpx2.Client, trained: Json) -> None:
    """The stream ends after the last event."""
    assert list(stream(client, trained["id"])) == pages(client, trained["id"])


def test_the_route_of_streams_needs_no_accept(client: httpx2.Client, trained: Json) -> None:
    """`/events/stream` is the stream for every client, and a 204 after the last event."""
    path = f"/v1/jobs/{trained['id']}/events"
    always = client.get(f"{path}/stream", params={"after": 1})
    assert always.content == client.get(path, params={"after": 1}, headers=STREAM).content
    last = pages(client, trained["id"])[-1]["number"]
    assert client.get(f"{path}/stream", params={"after": last}).status_code == httpx2.codes.NO_CONTENT


def test_a_stream_continues_where_it_broke(client: httpx2.Client, trained: Json) -> None:
    """It begins after the ``Last-Event-ID``."""
    whole = pages(client, trained["id"])
    assert list(stream(client, trained["id"], **{"last-event-id": "3"})) == whole[3:]


def test_an_early_subscriber_receives_everything(client: httpx2.Client) -> None:
    """A stream opened before training has every event from queued to the end, once."""
    job_id = start_job(client, epochs=3)
    events = list(stream(client, job_id))
    assert events == pages(client, job_id)
    assert events[-1]["data"]["status"] == "succeeded"


def test_a_long_poll_waits_for_a_new_event(client: httpx2.Client) -> None:
    """It answers when an event comes, not when its time is over."""
    job_id = start_job(client, **LONG)
    training(client, job_id)
    after = pages(client, job_id)[-1]["number"]
    answer = client.get(f"/v1/jobs/{job_id}/events", params={"after": after, "wait": 60}).json()
    assert answer["data"][0]["number"] == after + 1
    client.post(f"/v1/jobs/{job_id}/cancel")


def test_a_long_poll_of_an_ended_job_answers_at_once(client: httpx2.Client, trained: Json) -> None:
    """The long poll does not wait, as no event can follow."""
    last = len(pages(client, trained["id"]))
    started = time.monotonic()
    answer = client.get(f"/v1/jobs/{trained['id']}/events", params={"after": last, "wait": 60}).json()
    assert time.monotonic() - started < 30
    assert (answer["data"], answer["next_after"], answer["status"]) == ([], last, "succeeded")


def test_a_loss_that_is_not_finite_is_null(client: httpx2.Client) -> None:
    """`nonfinite` names the number; the last event is the failure, with its reason."""
    huge = {"activation": "linear", "initializer": {"name": "random_uniform", "minval": 0.0, "maxval": 1e6}}
    layers = [*({"units": 64, **huge} for _ in range(7)), {"units": 10, "activation": "softmax"}]
    job_id = start_job(client, network={"layers": layers})
    assert finished(client, job_id)["error"]["code"] == "diverged"
    log = pages(client, job_id)
    last_steps = [event["data"] for event in log if event["type"] == "steps"][-1]
    assert None in last_steps["losses"]
    assert last_steps["nonfinite"] in {"nan", "inf"}
    assert log[-1]["data"]["reason"]["code"] == "diverged"


def test_a_deleted_job_has_no_event_log(client: httpx2.Client, trained: Json) -> None:
    """It is a 404 once the job is deleted."""
    job_id = start_job(client, epochs=1)
    finished(client, job_id)
    client.delete(f"/v1/jobs/{job_id}")
    assert client.get(f"/v1/jobs/{job_id}/events").status_code == httpx2.codes.NOT_FOUND


@pytest.mark.parametrize("query", ["after=-1", "limit=0", "limit=1001", "wait=61"])
def test_a_query_parameter_out_of_range(client: httpx2.Client, trained: Json, query: str) -> None:
    """A query parameter out of range is a 422."""
    answer = client.get(f"/v1/jobs/{trained['id']}/events?{query}")
    assert answer.status_code == httpx2.codes.UNPROCESSABLE_CONTENT


def test_the_log_is_the_same_after_a_restart(start_server: StartServer) -> None:
    """A subscriber that is cut off by the end of one process and reconnects to the next has the whole log."""
    server = start_server(max_running_jobs=1)
    with server.client() as client:
        job_id = start_job(client, epochs=30)
        seen: list[Json] = []
        subscriber = threading.Thread(target=lambda: seen.extend(stream(client, job_id)))
        subscriber.start()
        job_where(client, job_id, lambda job: job["progress"]["epoch"] > 5)
        assert server.stop() == 0
        subscriber.join(60)
        assert not subscriber.is_alive()
    with server.start().client() as client:
        seen += stream(client, job_id, **{"last-event-id": str(seen[-1]["number"])})
        assert seen == pages(client, job_id)
    assert seen[-1]["data"]["status"] == "succeeded"
    assert sum(event["data"].get("status") == "queued" for event in seen) == 2


def test_pause_and_resume_leave_no_trace_in_the_weights(client: httpx2.Client) -> None:
    """A job that was paused ends as one that was not, and its log has each step once."""
    settings = {"epochs": 20, "checkpoint_every_epochs": 7, "shuffle": True, "optimizer": {"name": "adam"}}
    job_id = start_job(client, **settings)
    training(client, job_id)
    assert client.post(f"/v1/jobs/{job_id}/pause").json()["status"] in {"pausing", "paused"}
    paused = job_where(client, job_id, lambda job: job["status"] == "paused")
    assert paused["progress"]["step"] < paused["progress"]["total_steps"]
    assert client.post(f"/v1/jobs/{job_id}/checkpoints").status_code == httpx2.codes.CREATED
    assert client.post(f"/v1/jobs/{job_id}/resume").json()["status"] in {"queued", "running"}
    assert finished(client, job_id)["status"] == "succeeded"
    whole = finished(client, start_job(client, **settings))

    def digest(job: Json) -> str:
        return str(client.get(f"/v1/checkpoints/{job['result']['checkpoint_id']}").json()["sha256"])

    assert digest(whole) == digest(client.get(f"/v1/jobs/{job_id}").json())


def test_a_change_is_in_the_log_and_in_the_job(client: httpx2.Client) -> None:
    """The event has the first step with the new value; the job shows the value at once."""
    job_id = start_job(client, **LONG)
    training(client, job_id)
    changed = client.patch(f"/v1/jobs/{job_id}", json={"optimizer": {"learning_rate": 0.002}})
    assert changed.json()["optimizer"]["learning_rate"] == 0.002
    change = next(event for event in stream(client, job_id) if event["type"] == "change")
    assert (change["data"]["learning_rate"], change["data"]["momentum"]) == (0.002, None)
    assert client.post(f"/v1/jobs/{job_id}/cancel").status_code == httpx2.codes.OK
    finished(client, job_id)
    refused = client.patch(f"/v1/jobs/{job_id}", json={"optimizer": {"learning_rate": 0.1}})
    assert refused.status_code == httpx2.codes.CONFLICT
    assert client.patch(f"/v1/jobs/{job_id}", json={"name": "ended"}).json()["name"] == "ended"


def test_a_fork_starts_from_the_last_weights(client: httpx2.Client, trained: Json) -> None:
    """It has its parent's configuration except for the fields in the body."""
    answer = client.post(f"/v1/jobs/{trained['id']}/fork", json={"epochs": 1, "optimizer": {"learning_rate": 0.01}})
    assert answer.status_code == httpx2.codes.ACCEPTED
    fork = answer.json()
    assert (fork["parent_id"], fork["init_from"]) == (trained["id"], trained["result"]["checkpoint_id"])
    assert (fork["optimizer"]["name"], fork["optimizer"]["learning_rate"]) == ("adam", 0.01)
    assert fork["validation_split"] == trained["validation_split"]
    assert (fork["seed"], fork["seed_drawn"]) == (trained["seed"], trained["seed_drawn"])
    assert finished(client, fork["id"])["status"] == "succeeded"


def test_a_job_without_a_checkpoint_cannot_be_forked(client: httpx2.Client, start_server: StartServer) -> None:
    """A job that never trained is a 409."""
    with start_server(trainer=False).client() as idle:
        answer = idle.post(f"/v1/jobs/{start_job(idle)}/fork", json={})
    assert answer.status_code == httpx2.codes.CONFLICT


def test_a_refused_request_says_why(client: httpx2.Client, trained: Json) -> None:
    """A job that has succeeded cannot be paused, resumed or cancelled; the error names its status."""
    for request in ("pause", "resume", "cancel"):
        answer = client.post(f"/v1/jobs/{trained['id']}/{request}")
        assert answer.status_code == httpx2.codes.CONFLICT
        assert "succeeded" in answer.json()["detail"]
