"""A webhook: what is told of jobs to a URL, and the rules of where it may lead."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from secrets import token_bytes
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, HttpUrl, TypeAdapter

#: What a secret begins with, and how many bytes it may be of: those of the Standard Webhooks scheme.
SECRET_PREFIX, SECRET_BYTES = "whsec_", range(24, 65)  # what secrets begin with is none

#: IPv6 addresses inside which an IPv4 address is reached, or that were private once.
_UNCLEAR = tuple(map(IPv6Network, ("2001::/32", "2002::/16", "fec0::/10")))
_URL = TypeAdapter(HttpUrl)


class WebhookEvent(StrEnum):
    """What a webhook can be told of."""

    SUCCEEDED = "job.succeeded"
    FAILED = "job.failed"
    CANCELLED = "job.cancelled"
    EPOCH = "job.epoch"
    TEST = "webhook.test"  # nothing happened: somebody asked whether it works


#: What can be chosen, and what is told where nobody chose.
JobEvent = Literal["job.succeeded", "job.failed", "job.cancelled", "job.epoch"]
ENDS: tuple[JobEvent, ...] = ("job.succeeded", "job.failed", "job.cancelled")


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    WAITING = "waiting"  # for its first attempt, or for the next
    SENDING = "sending"  # a sender has it; one that dies leaves it to the next
    DELIVERED = "delivered"  # the receiver answered 2xx
    FAILED = "failed"  # given up after the last attempt


def _url(text: str) -> str:
    url = _URL.validate_python(text)
    if url.username or url.password:
        raise ValueError("a name and a password in a URL end up in logs: verify the signature instead")
    return str(url)


def _secret(text: str) -> str:
    if len(secret_key(text)) not in SECRET_BYTES:
        raise ValueError(f"a secret is {SECRET_PREFIX} and the base64 of {SECRET_BYTES[0]} to {SECRET_BYTES[-1]} bytes")
    return text


class NewWebhook(BaseModel):
    """Where to tell of what. Without `job_id` and `group` it is told of all jobs."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    url: Annotated[str, Field(max_length=2000), AfterValidator(_url)]
    events: tuple[JobEvent, ...] = Field(
        default=ENDS, min_length=1, description="Which: how a job ended, and each of its epochs.", strict=False
    )
    job_id: str | None = Field(None, max_length=64, description="Only of this job; deleted with it.")
    group: str | None = Field(None, max_length=64, description="Only of this group's jobs.")
    secret: Annotated[str, Field(max_length=128), AfterValidator(_secret)] | None = Field(
        None, description="What deliveries are signed with; null draws one. It is shown once."
    )


@dataclass(frozen=True, kw_only=True)
class Webhook:
    """Where to tell of what, without its secret."""

    id: str
    url: str
    events: Sequence[WebhookEvent]
    job_id: str | None
    group: str | None
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """Something that a webhook is told.

    Attributes:
        id: What the receiver knows it by, the same at every attempt.
        attempts: How often it was sent.
        next_attempt_at: When it is sent next; None once it has ended.
        last_error: Why the last attempt failed.
    """

    id: str
    webhook_id: str
    type: WebhookEvent
    payload: Mapping[str, Any]
    state: DeliveryState
    attempts: int
    created_at: datetime
    next_attempt_at: datetime | None
    ended_at: datetime | None
    last_error: str | None


def new_secret() -> str:
    """A secret that nobody guesses."""
    return SECRET_PREFIX + base64.b64encode(token_bytes(32)).decode()


def secret_key(secret: str) -> bytes:
    """The bytes that sign; none where it is no secret."""
    try:
        return base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error:
        return b""


def is_public(address: str) -> bool:
    """Whether an IP address is on the open internet: no loopback, private, link-local, multicast or reserved one."""
    ip = ip_address(address)
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    return ip.is_global and not ip.is_multicast and not ip.is_reserved and not _is_unclear(ip)


def _is_unclear(ip: IPv4Address | IPv6Address) -> bool:
    return any(ip in network for network in _UNCLEAR)
