"""Webhooks are verified by their signatures."""

import time
from datetime import UTC, datetime

import pytest

from naivenet_client import InvalidSignature, verify_webhook
from service.webhooks import client as service_side

SECRET = "whsec_" + "c2VjcmV0" * 6  # of this test
BODY = b"""{"type": "job.succeeded", "timestamp": "2026-01-01T00:00:00.000000Z", "data": {"job_id": "job_1",
"name": null, "metadata": {}, "status": "succeeded", "attempt": 1, "event": 42, "result": {"checkpoint_id": "ckpt_1",
"test_accuracy": 0.98}, "error": null}}"""


def signed(body: bytes = BODY, *, at: float | None = None, secret: str = SECRET) -> dict[str, str]:
    """The headers of a webhook's request, signed by the service's own code."""
    seconds = int(time.time() if at is None else at)
    return {name.title(): text for name, text in service_side.signed("msg_1", body, secret=secret, at=seconds).items()}


def test_a_signed_request_gives_its_event() -> None:
    """The event of a signed request is typed."""
    event = verify_webhook(BODY, signed(), SECRET)
    assert (event.id, event.type, event.timestamp) == ("msg_1", "job.succeeded", datetime(2026, 1, 1, tzinfo=UTC))
    assert (event.job.job_id, event.job.event) == ("job_1", 42)
    assert event.job.result
    assert event.job.result.test_accuracy == 0.98
    assert verify_webhook(BODY.decode(), signed(), SECRET) == event


def test_one_of_several_signatures_is_enough() -> None:
    """While a secret is replaced, a request has a signature by each."""
    headers = signed()
    headers["Webhook-Signature"] = f"v1,b3RoZXI= v2,x {headers['Webhook-Signature']}"
    assert verify_webhook(BODY, headers, SECRET).id == "msg_1"


@pytest.mark.parametrize(
    "changed",
    [
        {"Webhook-Id": "msg_2"},
        {"Webhook-Signature": ""},
        {"Webhook-Signature": "v1,"},
        {"Webhook-Signature": "v1,\u00e9"},
        {"Webhook-Timestamp": "soon"},
    ],
)
def test_a_changed_header_is_refused(changed: dict[str, str]) -> None:
    """Another id, and a broken time or signature are refused."""
    with pytest.raises(InvalidSignature):
        verify_webhook(BODY, signed() | changed, SECRET)


@pytest.mark.parametrize("seconds", [-1000, 1000])
def test_another_time_is_refused(seconds: float) -> None:
    """A request that was signed long ago, or that is to be signed long from now, is refused."""
    with pytest.raises(InvalidSignature, match="s are allowed"):
        verify_webhook(BODY, signed(at=time.time() + seconds), SECRET)


def test_anything_else_is_refused() -> None:
    """Another body, another secret, missing headers, and a signed body that is no event are refused."""
    another = signed(secret="whsec_" + "YW5vdGhlciBvbmUu" * 3)
    for body, headers in [(BODY + b" ", signed()), (BODY, another), (BODY, {}), (b"no event", signed(b"no event"))]:
        with pytest.raises(InvalidSignature):
            verify_webhook(body, headers, SECRET)


def test_the_tolerance_can_change() -> None:
    """A longer tolerance accepts an older request."""
    assert verify_webhook(BODY, signed(at=time.time() - 1000), SECRET, tolerance_s=2000)


def test_a_secret_that_is_none_is_a_mistake_of_the_caller() -> None:
    """A secret that is not base64 is a ValueError, not a forged request."""
    with pytest.raises(ValueError, match="whsec_"):
        verify_webhook(BODY, signed(), "whsec_?")
