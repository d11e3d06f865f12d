"""Requests that failed for a reason that may pass are repeated, if that does no harm."""

import subprocess
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from statistics import mean

import pytest

from naivenet_client import Client, InvalidInput, NotFound, RateLimited, Unauthorized, Unavailable, Unreachable
from naivenet_client._sync.jobs import Jobs
from naivenet_client.connection import Connection
from naivenet_client.retries import LONGEST_BACKOFF_S, LONGEST_WAIT_S, RETRIES, may_pass, wait_s
from tests.servers import free_port
from tests.unit.client.conftest import Answer, Scripted

READY = Answer(body=b'{"status": "ready"}')
MODEL = Answer(body=b'{"name": "digits"}')
BUSY = Answer(status=503, body=b"", headers={"Retry-After": "0"})
JOB = b"""{"id": "job_1", "status": "queued", "created_at": "2026-01-01T00:00:00Z", "network": {"layers": []},
"optimizer": {"name": "sgd"}, "epochs": 1, "batch_size": 128, "dataset": "mnist"}"""


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_a_passing_fault_is_retried(scripted: Scripted, status: int) -> None:
    """A status that may pass is followed by another attempt."""
    scripted.answers = [Answer(status=status, headers={"Retry-After": "0"}), MODEL]
    with Client(scripted.url) as client:
        assert client.models.get().name == "digits"
    assert len(scripted.requests) == 2


@pytest.mark.parametrize("status", [400, 404, 409, 422, 501, 507])
def test_a_lasting_fault_is_not_retried(scripted: Scripted, status: int) -> None:
    """A status that another attempt cannot change is raised at once."""
    scripted.answers = [Answer(status=status)]
    with Client(scripted.url) as client, pytest.raises((InvalidInput, NotFound, Exception)):
        client.models.get()
    assert len(scripted.requests) == 1


def test_a_response_that_breaks_off_is_retried(scripted: Scripted) -> None:
    """A connection that breaks in the middle of a response is followed by another attempt."""
    scripted.answers = [Answer(body=MODEL.body, breaks=True), MODEL]
    with Client(scripted.url) as client:
        assert client.models.get().name == "digits"


def test_the_number_of_retries_is_limited(scripted: Scripted) -> None:
    """After its retries, the client raises the last error."""
    scripted.answers = [BUSY]
    with Client(scripted.url, retries=2) as client, pytest.raises(Unavailable):
        client.models.get()
    assert len(scripted.requests) == 3


def test_retries_can_be_switched_off(scripted: Scripted) -> None:
    """With retries=0 the first error is raised."""
    scripted.answers = [BUSY]
    with Client(scripted.url).with_options(retries=0) as client, pytest.raises(Unavailable):
        client.models.get()
    assert len(scripted.requests) == 1


def test_a_long_retry_after_is_left_to_the_caller(scripted: Scripted) -> None:
    """A service that asks to wait for long gets no retry; the error says how long."""
    scripted.answers = [Answer(status=429, headers={"Retry-After": str(int(LONGEST_WAIT_S) + 1)})]
    with Client(scripted.url) as client, pytest.raises(RateLimited) as raised:
        client.models.get()
    assert raised.value.retry_after == LONGEST_WAIT_S + 1
    assert len(scripted.requests) == 1


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.jobs.create(),
        lambda client: client.jobs.ref("job_1").fork(),
        lambda client: client.jobs.ref("job_1").save(),
        lambda client: client.models.add_version("digits", "ckpt_1"),
        lambda client: client.checkpoints.upload(b"weights"),
        lambda client: client.webhooks.create("https://example.com"),
    ],
)
def test_every_post_is_repeated_with_one_key(scripted: Scripted, call: Callable[[Client], object]) -> None:
    """The service may have processed the first attempt: by their Idempotency-Key it knows that all are one request."""
    scripted.answers = [BUSY]
    with Client(scripted.url, retries=2) as client:
        for _ in range(2):
            with pytest.raises(Unavailable):
                call(client)
    keys = [headers["idempotency-key"] for _, _, headers in scripted.requests]
    assert [keys.count(key) for key in dict.fromkeys(keys)] == [3, 3]


def test_a_conditional_request_is_not_sent_twice(scripted: Scripted) -> None:
    """The first attempt may have changed the alias, so that the condition of a second one would fail."""
    scripted.answers = [BUSY]
    with Client(scripted.url) as client, pytest.raises(Unavailable):
        client.models.set_alias("digits", "live", 1, if_match='"1"')
    assert len(scripted.requests) == 1


def test_what_was_not_processed_is_always_retried(scripted: Scripted) -> None:
    """A request over the rate limit was not processed, so that every request can be repeated after it."""
    alias = b'{"alias": "live", "version": 1, "pinned": true, "etag": "2"}'
    scripted.answers = [Answer(status=429, headers={"Retry-After": "0"}), Answer(body=alias)]
    with Client(scripted.url) as client:
        assert client.models.set_alias("digits", "live", 1, if_match='"1"').etag == "2"


def test_a_delete_that_was_done_before_its_response_was_lost_succeeds(scripted: Scripted) -> None:
    """A repeated DELETE that finds nothing has been successful."""
    scripted.answers = [Answer(body=JOB), BUSY, Answer(status=404)]
    with Client(scripted.url) as client:
        client.jobs.get("job_1").delete()


def test_a_service_that_is_not_there_is_unreachable() -> None:
    """Without a service, the error names its address and how to start one."""
    url = f"http://127.0.0.1:{free_port()}"
    with Client(url, retries=1) as client, pytest.raises(Unreachable, match=rf"{url}.*naivenet serve"):
        client.jobs.get("job_1")


def test_only_what_was_never_sent_is_always_repeated(scripted: Scripted) -> None:
    """A refused connection never delivered the request; one that broke off may have."""
    scripted.answers = [Answer(breaks=True)]
    for url, was_never_sent in ((f"http://127.0.0.1:{free_port()}", True), (scripted.url, False)):
        with Client(url, retries=0) as client, pytest.raises(Unreachable) as raised:
            client.models.set_alias("digits", "live", 1, if_match='"1"')
        assert may_pass(raised.value, repeatable=False) is was_never_sent


@pytest.mark.parametrize(
    "call", [lambda jobs: jobs.get("job_1"), lambda jobs: next(jobs.ref("job_1").events(patience=0))]
)
def test_an_error_has_a_short_traceback(call: Callable[[Jobs], object]) -> None:
    """The traceback has frames of the caller and of this package only, and one error: students read it to its end."""
    with Client(f"http://127.0.0.1:{free_port()}", retries=1) as client, pytest.raises(Unreachable) as raised:
        call(client.jobs)
    shown = traceback.format_exception(raised.value)
    assert {Path(frame.filename).parent.name for frame in traceback.extract_tb(raised.value.__traceback__)[1:]} <= {
        "_sync",
        "client",
    }
    assert sum("Traceback" in line for line in shown) == 1


def test_the_waits_between_retries_grow() -> None:
    """Each wait is about twice the one before, with jitter; all together are a couple of seconds."""
    waits = [[wait_s(None, failures) for _ in range(100)] for failures in range(1, RETRIES + 1)]
    assert all(len(set(each)) > 1 for each in waits)
    assert sum(map(max, waits)) < 3
    assert 1 < sum(map(mean, waits)) < 2.5
    assert wait_s(None, 1_000) <= 1.5 * LONGEST_BACKOFF_S


def test_the_connection_is_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """NAIVENET_URL and NAIVENET_KEY are used unless the call gives others; the key is not shown."""
    monkeypatch.setenv("NAIVENET_URL", "http://example.com")
    monkeypatch.setenv("NAIVENET_KEY", "key_secret")
    read = Connection.of(None, None, timeout=1, retries=1)
    assert (read.url, read.headers["Authorization"]) == ("http://example.com", "Bearer key_secret")
    given = Connection.of("http://other", "key_other", timeout=1, retries=1)
    assert (given.url, given.key) == ("http://other", "key_other")
    assert "secret" not in repr(read)


@pytest.mark.parametrize("url", ["nonsense", "http://127.0.0.1:9/\x00", "ftp://example.com"])
def test_an_address_that_cannot_work_is_not_retried(url: str) -> None:
    """A text that is no URL of a service is named at once, with an example."""
    with pytest.raises(Unreachable, match="no URL of a service"):
        Client(url, retries=1_000_000).models.get()


def test_retries_print_nothing(scripted: Scripted, capfd: pytest.CaptureFixture[str]) -> None:
    """A retry shows nothing in a program without logging of its own."""
    scripted.answers = [BUSY, MODEL]
    program = f"from naivenet_client import Client; Client({scripted.url!r}).models.get()"
    subprocess.run([sys.executable, "-c", program], check=True)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("timeout", [0, -1, float("nan")])
def test_a_timeout_is_above_zero(timeout: float) -> None:
    """A timeout in which no response can come is a ValueError, for a client, for a copy of it and for one call."""
    with Client() as client:
        for call in (
            lambda: Client(timeout=timeout),
            lambda: client.with_options(timeout=timeout),
            lambda: client.predict(b"", timeout=timeout),
        ):
            with pytest.raises(ValueError, match="above 0"):
                call()


def test_a_key_from_a_file_may_end_with_a_line_break(scripted: Scripted) -> None:
    """The key is sent without the spaces around it, and other letters than ASCII are left to the service to refuse."""
    scripted.answers = [READY]
    for key in ("secret\n", " secret", "kéy"):
        with Client(scripted.url, key) as client:
            client.metrics()
    sent = [headers["authorization"].encode("latin-1").decode() for _, _, headers in scripted.requests]
    assert sent == ["Bearer secret", "Bearer secret", "Bearer kéy"]


def test_a_key_that_no_header_can_have_is_refused_without_its_text() -> None:
    """Two lines are no key; the error is that of a wrong key, and does not print it."""
    with pytest.raises(Unauthorized, match="line break") as raised:
        Client(key="secret\nsecret")
    assert "secret" not in str(raised.value)
