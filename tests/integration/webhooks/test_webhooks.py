"""Webhooks of a real service, sent to a real receiver: events, retries, a killed sender, and refused requests."""

import base64
import hashlib
import hmac
import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.processes import find
from tests.receivers import Received, Receiver
from tests.servers import OVERFLOWING, Json, Server, finished, start_job, until

ATTEMPTS, TIMEOUT_S = 3, 1.5


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, tiny: Path) -> Iterator[Server]:
    """Start a service that may send to loopback, with short timeouts and backoffs."""
    settings = {"webhook_private_addresses": True, "webhook_timeout_s": TIMEOUT_S, "webhook_retry_s": 0.2}
    running = Server(tmp_path_factory.mktemp("hooks"), tiny=tiny, webhook_attempts=ATTEMPTS, **settings).start()
    yield running
    running.stop()


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    """Start a receiver that records requests."""
    with Receiver(tmp_path / "requests") as running:
        yield running


@pytest.fixture(scope="module")
def api(server: Server) -> Iterator[httpx2.Client]:
    """Return a client of that service."""
    with server.client() as client:
        yield client


def register(api: httpx2.Client, url: str, **fields: object) -> Json:
    """Register a webhook; return the response's body."""
    answer = api.post("/v1/webhooks", json={"url": url, **fields})
    assert answer.status_code == httpx2.codes.CREATED, answer.text
    hook: Json = answer.json()
    return hook


def send_test(api: httpx2.Client, hook: Json) -> str:
    """Request a test delivery; return its path."""
    answer = api.post(f"/v1/webhooks/{hook['id']}/test")
    assert answer.status_code == httpx2.codes.ACCEPTED, answer.text
    return answer.headers["location"]


def ended(api: httpx2.Client, delivery: str) -> Json:
    """Wait until the delivery has ended, and return it."""

    def poll() -> Json | None:
        found: Json = api.get(delivery).json()
        return found if found["ended_at"] else None

    return until(poll, what=f"the end of {delivery}")


def is_signed(request: Received, secret: str) -> bool:
    """Return whether the request has a valid signature, calculated from the text of the standard."""
    headers = request["headers"]
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{request['body']}".encode()
    digest = hmac.new(base64.b64decode(secret.removeprefix("whsec_")), content, hashlib.sha256).digest()
    return headers["webhook-signature"] == "v1," + base64.b64encode(digest).decode()


def test_epochs_and_the_end_are_delivered(api: httpx2.Client, receiver: Receiver) -> None:
    """Events are delivered in order, signed, and each has its number in the job's event log."""
    events = ["job.epoch", "job.succeeded"]
    hook = register(api, f"{receiver.url}/ok", events=events, group="spring")
    start_job(api, name="another group's")
    job_id = start_job(api, group="spring", epochs=3, metadata={"course": "spring"})
    until(lambda: len(receiver.received("/ok")) == 4, what="three epochs and an end")
    requests = receiver.received("/ok")
    bodies = [json.loads(each["body"]) for each in requests]
    assert [each["type"] for each in bodies] == ["job.epoch"] * 3 + ["job.succeeded"]
    assert [each["data"].get("epoch") for each in bodies] == [1, 2, 3, None]
    assert {each["data"]["job_id"] for each in bodies} == {job_id}
    assert bodies[3]["data"]["metadata"] == {"course": "spring"}
    assert bodies[3]["data"]["result"] == api.get(f"/v1/jobs/{job_id}").json()["result"]
    assert all(is_signed(each, hook["secret"]) for each in requests)
    assert abs(int(requests[0]["headers"]["webhook-timestamp"]) - time.time()) < 60
    log = {each["number"]: each for each in api.get(f"/v1/jobs/{job_id}/events?limit=1000").json()["data"]}
    assert all(each["data"]["event_number"] == each["data"]["event"] for each in bodies)
    assert [log[each["data"]["event_number"]]["type"] for each in bodies] == ["epoch"] * 3 + ["status"]


def test_a_failure_is_delivered_with_its_error(api: httpx2.Client, receiver: Receiver) -> None:
    """A failed job's delivery has the job's error. By default a webhook gets every end of a job, and no epochs."""
    register(api, f"{receiver.url}/ok", group="failing")
    start_job(api, group="failing", **OVERFLOWING)
    until(lambda: receiver.received("/ok"), what="a failure")
    (body,) = [json.loads(each["body"]) for each in receiver.received("/ok")]
    assert (body["type"], body["data"]["error"]["code"]) == ("job.failed", "diverged")


def test_a_failed_delivery_is_retried(api: httpx2.Client, receiver: Receiver) -> None:
    """A retry has the same webhook-id, so that the receiver can recognize it."""
    delivery = ended(api, send_test(api, register(api, f"{receiver.url}/fails-once")))
    assert (delivery["state"], delivery["attempts"]) == ("delivered", 2)
    assert {each["headers"]["webhook-id"] for each in receiver.received("/fails-once")} == {delivery["id"]}
    assert delivery["last_error"] == "the receiver answered 500"


def test_a_webhook_is_changed(api: httpx2.Client, receiver: Receiver) -> None:
    """A disabled webhook sends nothing, and later only what waited; a new URL and secret hold for the next attempt."""
    hook = register(api, f"{receiver.url}/fails", group="changed", events=["job.succeeded"])
    path = f"/v1/webhooks/{hook['id']}"
    waiting = send_test(api, hook)
    until(lambda: receiver.received("/fails"), what="an attempt")
    assert api.patch(path, json={"enabled": False}).json()["enabled"] is False
    assert api.post(f"{path}/test").status_code == 409
    finished(api, start_job(api, group="changed"))
    secret = "whsec_" + base64.b64encode(bytes(32)).decode()
    body = {"enabled": True, "url": f"{receiver.url}/ok", "events": ["job.failed"], "secret": secret, "group": None}
    changed = api.patch(path, json=body).json()
    assert changed == api.get(path).json()
    assert (changed["url"], changed["events"], changed["group"]) == (f"{receiver.url}/ok", ["job.failed"], None)
    assert ended(api, waiting)["state"] == "delivered"
    (received,) = receiver.received("/ok")
    assert is_signed(received, secret)
    assert len(api.get(f"{path}/deliveries").json()["data"]) == 1
    refused = api.patch(path, json={"url": "ftp://example.com", "colour": "red", "events": []})
    assert {each["pointer"] for each in refused.json()["errors"]} == {"/url", "/colour", "/events"}
    api.delete(path)


def test_a_delivery_is_sent_once_more(api: httpx2.Client, receiver: Receiver) -> None:
    """It has the same id, and one more attempt, though all had failed."""
    hook = register(api, f"{receiver.url}/fails")
    path = send_test(api, hook)
    failed = ended(api, path)
    assert (failed["state"], failed["attempts"]) == ("failed", ATTEMPTS)
    listed = api.get(f"/v1/webhooks/{hook['id']}/deliveries", params={"state": "failed"}).json()["data"]
    assert [each["id"] for each in listed] == [failed["id"]]
    api.patch(f"/v1/webhooks/{hook['id']}", json={"url": f"{receiver.url}/ok"})
    again = api.post(f"{path}/redeliver").json()
    assert (again["id"], again["state"], again["ended_at"]) == (failed["id"], "waiting", None)
    assert ended(api, path)["attempts"] == ATTEMPTS + 1
    assert [each["headers"]["webhook-id"] for each in receiver.received("/ok")] == [failed["id"]]
    api.delete(f"/v1/webhooks/{hook['id']}")


def test_the_backoff_is_exponential(api: httpx2.Client, receiver: Receiver) -> None:
    """Each wait is four times the one before, and after the last attempt the delivery fails."""
    times: list[float] = []
    path = send_test(api, register(api, f"{receiver.url}/fails"))
    for number in range(1, ATTEMPTS + 1):
        until(lambda at=number: len(receiver.received("/fails")) >= at, what=f"attempt {number}")
        times.append(time.monotonic())
    delivery = ended(api, path)
    assert (delivery["state"], delivery["attempts"]) == ("failed", ATTEMPTS)
    assert times[2] - times[1] >= 4 * 0.2 - 0.1  # the test may notice the second attempt late


def test_a_hanging_receiver_delays_no_other(api: httpx2.Client, receiver: Receiver) -> None:
    """While one receiver hangs, other deliveries and jobs go on; its attempt fails after the timeout."""
    hanging = send_test(api, register(api, f"{receiver.url}/hangs", events=["job.epoch"]))
    other = register(api, f"{receiver.url}/ok")
    until(lambda: receiver.received("/hangs"), what="a request to the receiver that hangs")
    assert ended(api, send_test(api, other))["state"] == "delivered"
    assert api.get(hanging).json()["ended_at"] is None
    assert finished(api, start_job(api))["status"] == "succeeded"
    error = until(lambda: api.get(hanging).json()["last_error"], what="the end of the first attempt")
    assert error == f"no answer within {TIMEOUT_S:g} s"


def test_a_killed_senders_delivery_is_sent_again(api: httpx2.Client, server: Server, receiver: Receiver) -> None:
    """The next sender repeats the delivery with the same id: each delivery is sent at least once."""
    path = send_test(api, register(api, f"{receiver.url}/slow-once"))
    until(lambda: receiver.received("/slow-once"), what="the first attempt")
    (sender,) = find(server.data_dir, "trainer")
    os.kill(sender, signal.SIGKILL)
    delivery = ended(api, path)
    assert (delivery["state"], delivery["attempts"]) == ("delivered", 2)
    assert [each["headers"]["webhook-id"] for each in receiver.received("/slow-once")] == [delivery["id"]] * 2


def test_a_webhook_is_read_and_deleted(api: httpx2.Client, receiver: Receiver) -> None:
    """The secret is shown only at registration; deleting a webhook deletes its deliveries."""
    secret = "whsec_" + base64.b64encode(b"s" * 32).decode()
    hook = register(api, f"{receiver.url}/ok", secret=secret)
    assert hook.pop("secret") == secret
    path = f"/v1/webhooks/{hook['id']}"
    assert api.get(path).json() == hook
    assert hook in api.get("/v1/webhooks").json()["data"]
    delivery = send_test(api, hook)
    ended(api, delivery)
    assert is_signed(receiver.received("/ok")[0], secret)
    page = api.get(f"{path}/deliveries", params={"limit": 1}).json()
    assert ([each["type"] for each in page["data"]], page["has_more"]) == (["webhook.test"], False)
    assert api.delete(path).status_code == httpx2.codes.NO_CONTENT
    assert api.get(path).status_code == api.get(delivery).status_code == api.post(f"{path}/test").status_code == 404


def test_a_jobs_webhook_is_deleted_with_the_job(api: httpx2.Client, receiver: Receiver) -> None:
    """The webhook of one job gets events of that job only."""
    job_id = start_job(api)
    hook = register(api, f"{receiver.url}/ok", job_id=job_id)
    start_job(api)
    finished(api, job_id)
    until(lambda: receiver.received("/ok"), what="the end of the job")
    assert [json.loads(each["body"])["data"]["job_id"] for each in receiver.received("/ok")] == [job_id]
    assert api.delete(f"/v1/jobs/{job_id}").status_code == httpx2.codes.NO_CONTENT
    assert api.get(f"/v1/webhooks/{hook['id']}").status_code == httpx2.codes.NOT_FOUND


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/url"),
        ({"url": "ftp://example.com"}, "/url"),
        ({"url": "http://me:secret@example.com/"}, "/url"),
        ({"url": "http://127.0.0.1/"}, "/url"),
        ({"url": "http://0x7f.1/"}, "/url"),
        ({"url": "http://[::ffff:10.0.0.1]/"}, "/url"),
        ({"url": "http://localhost:80/"}, "/url"),
        ({"url": "https://example.com", "events": []}, "/events"),
        ({"url": "https://example.com", "events": ["job.paused"]}, "/events/0"),
        ({"url": "https://example.com", "secret": "whsec_short"}, "/secret"),
        ({"url": "https://example.com", "job_id": "job_unknown"}, "/job_id"),
        ({"url": "https://example.com", "verify": False}, "/verify"),
    ],
)
def test_invalid_webhooks_are_refused(client: httpx2.Client, body: Json, pointer: str) -> None:
    """The error has the pointer of the wrong field; addresses that are not public are refused by default (SSRF)."""
    answer = client.post("/v1/webhooks", json=body)
    assert answer.status_code == httpx2.codes.UNPROCESSABLE_CONTENT, answer.text
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
