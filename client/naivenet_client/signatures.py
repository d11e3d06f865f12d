"""Verifies that a webhook's request came from the service: the Standard Webhooks scheme."""

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from naivenet_client.errors import InvalidSignature
from naivenet_client.schemas.webhooks import WebhookEvent, WebhookJob


class _Message(msgspec.Struct):
    type: str
    timestamp: datetime
    data: dict[str, Any]


def verify_webhook(
    body: bytes | str, headers: Mapping[str, str], secret: str, *, tolerance_s: float = 300.0
) -> WebhookEvent:
    """Return the event in a webhook's request, if it was signed with *secret*.

    Args:
        body: The body of the request, byte for byte.
        headers: Its headers; their names may be in any case.
        secret: The webhook's secret, ``whsec_...``.
        tolerance_s: How long ago it may have been signed, in seconds, so that old requests cannot be repeated.

    Raises:
        InvalidSignature: The request was not signed with this secret, or too long ago.
        ValueError: *secret* is no secret of a webhook.
    """
    content = body.encode() if isinstance(body, str) else bytes(body)
    message_id, timestamp, signatures = _signed_headers(headers)
    _check_age(timestamp, tolerance_s)
    signed = b".".join([message_id.encode(), timestamp.encode(), content])
    wanted = base64.b64encode(hmac.digest(_key(secret), signed, hashlib.sha256))
    given = [each.removeprefix("v1,").encode() for each in signatures.split() if each.startswith("v1,")]
    if not any([hmac.compare_digest(wanted, each) for each in given]):  # noqa: C419  # all are compared: constant time
        raise InvalidSignature("No signature of the webhook fits its body and this secret.")
    return _event(content, message_id)


def _signed_headers(headers: Mapping[str, str]) -> tuple[str, str, str]:
    lower = {name.lower(): value for name, value in headers.items()}
    try:
        return lower["webhook-id"], lower["webhook-timestamp"], lower["webhook-signature"]
    except KeyError as missing:
        raise InvalidSignature(f"The request has no header {missing.args[0]}: it is no signed webhook.") from None


def _check_age(timestamp: str, tolerance_s: float) -> None:
    if not (timestamp.isascii() and timestamp.isdigit()):
        raise InvalidSignature(f"The header webhook-timestamp is no number of seconds: {timestamp!r}.")
    age_s = abs(time.time() - int(timestamp))
    if age_s > tolerance_s:
        raise InvalidSignature(f"The webhook was signed {age_s:.0f} s from now; {tolerance_s:g} s are allowed.")


def _key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("The secret is not valid: it is `whsec_` followed by base64.") from None


def _event(content: bytes, message_id: str) -> WebhookEvent:
    try:
        message = msgspec.json.decode(content, type=_Message)
        job = msgspec.convert(message.data, WebhookJob)
    except msgspec.DecodeError as error:
        raise InvalidSignature(f"The webhook is signed, but its body is no event ({error}).") from None
    return WebhookEvent(id=message_id, type=message.type, timestamp=message.timestamp, job=job, data=message.data)
