"""Webhooks of a real service, told to a real receiver, whose sender is killed in the middle."""

import base64
import hashlib
import hmac
import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.processes import find
from tests.receivers import Receiver, Told
from tests.servers import OVERFLOWING, Json, Server, finished, start_job, until

ATTEMPTS, TIMEOUT_S = 3, 3.0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, tiny: Path) -> Iterator[Server]:
    """A service that may tell loopback, and is impatient."""
    settings = {"webhook_private_addresses": True, "webhook_timeout_s": TIMEOUT_S, "webhook_retry_s": 0.2}
    running = Server(tmp_path_factory.mktemp("hooks"), tiny=tiny, webhook_attempts=ATTEMPTS, **settings).start()
    yield running
    running.stop()


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    """Notes what it is told."""
    with Receiver(tmp_path / "notes") as running:
        yield running


@pytest.fixture(scope="module")
def api(server: Server) -> Iterator[httpx.Client]:
    """Speaks to that service."""
    with server.client() as speaking:
        yield speaking


def register(api: httpx.Client, url: str, **fields: object) -> Json:
    """Register a webhook; what was answered."""
    answer = api.post("/v1/webhooks", json={"url": url, **fields})
    assert answer.status_code == httpx.codes.CREATED, answer.text
    hook: Json = answer.json()
    return hook


def tried(api: httpx.Client, hook: Json) -> str:
    """Ask for a test call; where its delivery is."""
    answer = api.post(f"/v1/webhooks/{hook['id']}/test")
    assert answer.status_code == httpx.codes.ACCEPTED, answer.text
    return answer.headers["location"]


def ended(api: httpx.Client, delivery: str) -> Json:
    """The delivery, once it has ended."""

    def look() -> Json | None:
        found: Json = api.get(delivery).json()
        return found if found["ended_at"] else None

    return until(look, what=f"the end of {delivery}")


def is_signed(told: Told, secret: str) -> bool:
    """Whether it is, by the words of the standard."""
    headers = told["headers"]
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{told['body']}".encode()
    digest = hmac.new(base64.b64decode(secret.removeprefix("whsec_")), content, hashlib.sha256).digest()
    return headers["webhook-signature"] == "v1," + base64.b64encode(digest).decode()


def test_epochs_and_the_end_are_told(api: httpx.Client, receiver: Receiver) -> None:
    """In their order, signed, each with the number that the job's log gave it."""
    events = ["job.epoch", "job.succeeded"]
    hook = register(api, f"{receiver.url}/ok", events=events, group="told")
    start_job(api, name="another group's")
    job_id = start_job(api, group="told", epochs=3, metadata={"course": "spring"})
    until(lambda: len(receiver.told("/ok")) == 4, what="three epochs and an end")
    told = receiver.told("/ok")
    bodies = [json.loads(each["body"]) for each in told]
    assert [each["type"] for each in bodies] == ["job.epoch"] * 3 + ["job.succeeded"]
    assert [each["data"].get("epoch") for each in bodies] == [1, 2, 3, None]
    assert {each["data"]["job_id"] for each in bodies} == {job_id}
    assert bodies[3]["data"]["metadata"] == {"course": "spring"}
    assert bodies[3]["data"]["result"] == api.get(f"/v1/jobs/{job_id}").json()["result"]
    assert all(is_signed(each, hook["secret"]) for each in told)
    assert abs(int(told[0]["headers"]["webhook-timestamp"]) - time.time()) < 60
    log = {each["number"]: each for each in api.get(f"/v1/jobs/{job_id}/events?limit=1000").json()["data"]}
    assert [log[each["data"]["event"]]["type"] for each in bodies] == ["epoch"] * 3 + ["status"]


def test_a_failure_is_told_with_its_reason(api: httpx.Client, receiver: Receiver) -> None:
    """As the job has it; a webhook that chose nothing hears of every end, and of no epoch."""
    register(api, f"{receiver.url}/ok", group="failing")
    start_job(api, group="failing", **OVERFLOWING)
    until(lambda: receiver.told("/ok"), what="a failure")
    (body,) = [json.loads(each["body"]) for each in receiver.told("/ok")]
    assert (body["type"], body["data"]["error"]["code"]) == ("job.failed", "diverged")


def test_a_receiver_that_fails_once_is_told_again(api: httpx.Client, receiver: Receiver) -> None:
    """With the same id, so that it can tell the two apart from two."""
    delivery = ended(api, tried(api, register(api, f"{receiver.url}/fails-once")))
    assert (delivery["state"], delivery["attempts"]) == ("delivered", 2)
    assert {each["headers"]["webhook-id"] for each in receiver.told("/fails-once")} == {delivery["id"]}
    assert delivery["last_error"] == "the receiver answered 500"


def test_waits_grow_until_it_is_given_up(api: httpx.Client, receiver: Receiver) -> None:
    """Each is four times the last."""
    told: list[float] = []
    where = tried(api, register(api, f"{receiver.url}/fails"))
    for number in range(1, ATTEMPTS + 1):
        until(lambda at=number: len(receiver.told("/fails")) >= at, what=f"attempt {number}")
        told.append(time.monotonic())
    delivery = ended(api, where)
    assert (delivery["state"], delivery["attempts"]) == ("failed", ATTEMPTS)
    assert told[2] - told[1] >= 4 * 0.2 - 0.1  # less what the test itself saw late


def test_one_that_hangs_holds_up_no_other(api: httpx.Client, receiver: Receiver) -> None:
    """Nor a job; after a time the attempt has failed."""
    hanging = tried(api, register(api, f"{receiver.url}/hangs", events=["job.epoch"]))
    other = register(api, f"{receiver.url}/ok")
    until(lambda: receiver.told("/hangs"), what="the one that hangs to be called")
    assert ended(api, tried(api, other))["state"] == "delivered"
    assert api.get(hanging).json()["ended_at"] is None
    assert finished(api, start_job(api))["status"] == "succeeded"
    error = until(lambda: api.get(hanging).json()["last_error"], what="the end of the first attempt")
    assert error == f"no answer within {TIMEOUT_S:g} s"


def test_a_sender_killed_in_the_middle_is_followed_by_another(
    api: httpx.Client, server: Server, receiver: Receiver
) -> None:
    """What it was sending is sent again, by the next one, with the same id: at least once."""
    where = tried(api, register(api, f"{receiver.url}/slow-once"))
    until(lambda: receiver.told("/slow-once"), what="the first attempt")
    (sender,) = find(server.data_dir, "trainer")
    os.kill(sender, signal.SIGKILL)
    delivery = ended(api, where)
    assert (delivery["state"], delivery["attempts"]) == ("delivered", 2)
    assert [each["headers"]["webhook-id"] for each in receiver.told("/slow-once")] == [delivery["id"]] * 2


def test_a_webhook_can_be_seen_and_removed_but_not_its_secret(api: httpx.Client, receiver: Receiver) -> None:
    """The secret is shown once; what was to be told goes with the webhook."""
    secret = "whsec_" + base64.b64encode(b"s" * 32).decode()
    hook = register(api, f"{receiver.url}/ok", secret=secret)
    assert hook.pop("secret") == secret
    path = f"/v1/webhooks/{hook['id']}"
    assert api.get(path).json() == hook
    assert hook in api.get("/v1/webhooks").json()["data"]
    where = tried(api, hook)
    ended(api, where)
    assert is_signed(receiver.told("/ok")[0], secret)
    page = api.get(f"{path}/deliveries", params={"limit": 1}).json()
    assert ([each["type"] for each in page["data"]], page["has_more"]) == (["webhook.test"], False)
    assert api.delete(path).status_code == httpx.codes.NO_CONTENT
    assert api.get(path).status_code == api.get(where).status_code == api.post(f"{path}/test").status_code == 404


def test_a_jobs_own_webhook_goes_with_it(api: httpx.Client, receiver: Receiver) -> None:
    """It hears of no other job."""
    job_id = start_job(api)
    hook = register(api, f"{receiver.url}/ok", job_id=job_id)
    start_job(api)
    finished(api, job_id)
    until(lambda: receiver.told("/ok"), what="the end of the job")
    assert [json.loads(each["body"])["data"]["job_id"] for each in receiver.told("/ok")] == [job_id]
    assert api.delete(f"/v1/jobs/{job_id}").status_code == httpx.codes.NO_CONTENT
    assert api.get(f"/v1/webhooks/{hook['id']}").status_code == httpx.codes.NOT_FOUND


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
        ({"url": "https://example.com", "job_id": "job_nobody"}, "/job_id"),
        ({"url": "https://example.com", "verify": False}, "/verify"),
    ],
)
def test_what_cannot_be_registered(client: httpx.Client, body: Json, pointer: str) -> None:
    """Each says where it is wrong; addresses that are not public are refused unless the operator allows them."""
    answer = client.post("/v1/webhooks", json=body)
    assert answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY, answer.text
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
