"""Webhooks, their deliveries, and the check of addresses that prevents server-side request forgery (SSRF)."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from secrets import token_bytes
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, HttpUrl, TypeAdapter

#: The prefix of a secret, and how many bytes it may have: those of the Standard Webhooks scheme.
SECRET_PREFIX, SECRET_BYTES = "whsec_", range(24, 65)  # the prefix is not a secret

#: IPv6 networks that embed IPv4 addresses (Teredo, 6to4), or that were private once.
_AMBIGUOUS = tuple(map(IPv6Network, ("2001::/32", "2002::/16", "fec0::/10")))


class WebhookEvent(StrEnum):
    """An event that webhooks receive."""

    SUCCEEDED = "job.succeeded"
    FAILED = "job.failed"
    CANCELLED = "job.cancelled"
    EPOCH = "job.epoch"
    TEST = "webhook.test"  # a client tests the webhook


#: The events that a webhook can subscribe to, and the default selection.
JobEvent = Literal["job.succeeded", "job.failed", "job.cancelled", "job.epoch"]
ENDS: tuple[JobEvent, ...] = ("job.succeeded", "job.failed", "job.cancelled")


class DeliveryState(StrEnum):
    """The state of a delivery."""

    WAITING = "waiting"  # waiting for its first or next attempt
    SENDING = "sending"  # claimed by a sender; the claim expires if the sender dies
    DELIVERED = "delivered"  # the receiver answered 2xx
    FAILED = "failed"  # the last attempt failed


@cache
def _urls() -> TypeAdapter[HttpUrl]:
    return TypeAdapter(HttpUrl)


def _url(text: str) -> str:
    url = _urls().validate_python(text)
    if url.username or url.password:
        raise ValueError(
            "remove the user name and the password, which would end up in logs; verify the signature instead"
        )
    return str(url)


def _secret(text: str) -> str:
    if len(secret_key(text)) not in SECRET_BYTES:
        raise ValueError(
            f"a secret is {SECRET_PREFIX!r} followed by the base64 of {SECRET_BYTES[0]} to {SECRET_BYTES[-1]} bytes"
        )
    return text


Url = Annotated[str, Field(max_length=2000), AfterValidator(_url)]
Secret = Annotated[str, Field(max_length=128), AfterValidator(_secret)]
Group = Annotated[str, Field(max_length=64)]


class NewWebhook(BaseModel):
    """A webhook to register. Without `job_id` and `group` it receives the events of all jobs."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)

    url: Url
    events: tuple[JobEvent, ...] = Field(
        default=ENDS,
        min_length=1,
        description="The events to receive: the end of a job, or each of its epochs.",
        strict=False,
    )
    job_id: str | None = Field(
        None, max_length=64, description="Only the events of this job; the webhook is deleted with it."
    )
    group: Group | None = Field(None, description="Only the events of this group's jobs.")
    enabled: bool = Field(default=True, description="Whether events are sent; while false they are not kept.")
    secret: Secret | None = Field(
        None, description="The secret that signs deliveries; null draws one. The API shows it once."
    )


class WebhookPatch(BaseModel):
    """A merge patch (RFC 7396) of a webhook: absent fields stay as they are; null removes `group`."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)

    url: Url | None = Field(None, description="The URL that receives further attempts, also of older events.")
    events: tuple[JobEvent, ...] | None = Field(None, min_length=1, strict=False, description="The events to receive.")
    group: Group | None = Field(None, description="Only the events of this group's jobs; null for those of all jobs.")
    enabled: bool | None = Field(
        None, description="While false, no event is enqueued, and deliveries wait until it is true again."
    )
    secret: Secret | None = Field(None, description="The secret that signs further attempts.")

    def changes(self) -> dict[str, Any]:
        """Return the new values by name."""
        given = self.model_dump(mode="json", exclude_unset=True)
        return {name: value for name, value in given.items() if value is not None or name == "group"}


@dataclass(frozen=True, kw_only=True)
class Webhook:
    """A registered webhook, without its secret."""

    id: str
    url: str
    events: Sequence[WebhookEvent]
    job_id: str | None
    group: str | None
    enabled: bool
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """An event on its way to a webhook.

    Attributes:
        id: The receiver sees it as ``webhook-id``; the same for every attempt.
        attempts: The number of attempts so far.
        next_attempt_at: When the next attempt is due; None once the delivery has ended.
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
    """Return a new random secret."""
    return SECRET_PREFIX + base64.b64encode(token_bytes(32)).decode()


def secret_key(secret: str) -> bytes:
    """Return the bytes of a secret, the key of the signature; empty if the text is not base64."""
    try:
        return base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error:
        return b""


def is_public(address: str) -> bool:
    """Return whether an IP address is public: not loopback, private, link-local, multicast or reserved."""
    ip = ip_address(address)
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    return ip.is_global and not ip.is_multicast and not ip.is_reserved and not _is_ambiguous(ip)


def _is_ambiguous(ip: IPv4Address | IPv6Address) -> bool:
    return any(ip in network for network in _AMBIGUOUS)
