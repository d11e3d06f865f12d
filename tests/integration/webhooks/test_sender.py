"""Senders on a real outbox: only one sender claims a delivery, and an expired claim becomes due again."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.composition import Services, compose
from service.domain.webhook import DeliveryState, NewWebhook
from service.settings import Settings
from service.webhooks.sender import Sender
from tests.receivers import Receiver
from tests.servers import until


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    """Start a receiver that records requests."""
    with Receiver(tmp_path / "requests") as running:
        yield running


def hook(services: Services, url: str = "https://example.com") -> str:
    """Register a webhook; return its id."""
    return services.webhooks.add(NewWebhook(url=url))[0].id


def test_two_senders_send_each_once(tmp_path: Path, receiver: Receiver) -> None:
    """Two senders on one database send each delivery once."""
    settings = Settings(data_dir=tmp_path, webhook_private_addresses=True, webhook_timeout_s=60)
    with contextlib.ExitStack() as stack:
        both = [compose(settings) for _ in range(2)]
        hooks = [hook(both[0], f"{receiver.url}/ok") for _ in range(3)]
        sent = [both[0].webhooks.test(each) for _ in range(10) for each in hooks]
        for services in both:
            stack.callback(services.close)
            stack.enter_context(Sender(services.outbox, settings))
        until(lambda: len(receiver.received("/ok")) >= len(sent), what="all deliveries")
        for each in sent:
            until(lambda d=each: both[0].webhooks.delivery(d.webhook_id, d.id).ended_at, what="its end")
    ids = [each["headers"]["webhook-id"] for each in receiver.received("/ok")]
    assert sorted(ids) == sorted(each.id for each in sent)


def test_a_webhook_has_one_delivery_in_flight(services: Services) -> None:
    """The oldest delivery of each webhook is claimed first; one webhook does not delay another."""
    one, other = hook(services), hook(services)
    first, _, third = services.webhooks.test(one), services.webhooks.test(one), services.webhooks.test(other)
    claimed = services.outbox.claim(limit=10, hold_s=60)
    assert {attempt.id for attempt in claimed} == {first.id, third.id}
    assert services.outbox.claim(limit=10, hold_s=60) == []


def test_an_expired_claim_goes_to_another_sender(services: Services) -> None:
    """The new claim is a new attempt; the older attempt cannot write its result any more."""
    delivery = services.webhooks.test(hook(services))
    (lost,) = services.outbox.claim(limit=1, hold_s=0)
    (taken,) = until(lambda: services.outbox.claim(limit=1, hold_s=60), what="it to come due again")
    assert (lost.id, taken.id, taken.attempt) == (delivery.id, delivery.id, 2)
    services.outbox.failed(lost, "late", wait_s=None)
    assert services.webhooks.delivery(delivery.webhook_id, delivery.id).state is DeliveryState.SENDING
    services.outbox.delivered(taken)
    ended = services.webhooks.delivery(delivery.webhook_id, delivery.id)
    assert (ended.state, ended.last_error) == (DeliveryState.DELIVERED, None)


def test_a_failed_delivery_waits_for_its_backoff(services: Services) -> None:
    """During the backoff of a failed delivery, the webhook's next delivery is claimed."""
    webhook_id = hook(services)
    first, second = services.webhooks.test(webhook_id), services.webhooks.test(webhook_id)
    (attempt,) = services.outbox.claim(limit=10, hold_s=60)
    services.outbox.failed(attempt, "the receiver answered 500", wait_s=0.2)
    began = time.monotonic()
    assert [each.id for each in services.outbox.claim(limit=10, hold_s=0)] == [second.id]
    waited = services.webhooks.delivery(webhook_id, first.id)
    assert (waited.state, waited.last_error) == (DeliveryState.WAITING, "the receiver answered 500")
    until(lambda: [each.id for each in services.outbox.claim(limit=10, hold_s=0)] == [first.id], what="its turn")
    assert time.monotonic() - began >= 0.15


def test_an_empty_outbox_takes_no_write_lock(services: Services) -> None:
    """Polling an empty outbox neither waits for a writer of the database nor blocks one."""
    with services.database.write() as session:
        session.connection()
        assert services.outbox.claim(limit=10, hold_s=60) == []
