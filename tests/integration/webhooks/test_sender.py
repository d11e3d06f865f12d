"""Senders on a real outbox: what is claimed is nobody else's, and what a dead one had comes due again."""

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
    """Notes what it is told."""
    with Receiver(tmp_path / "notes") as running:
        yield running


def hook(services: Services, url: str = "https://example.com") -> str:
    """Register a webhook; its id."""
    return services.webhooks.add(NewWebhook(url=url))[0].id


def test_two_senders_send_each_once(tmp_path: Path, receiver: Receiver) -> None:
    """As two services on the same data have, one of them by mistake."""
    settings = Settings(data_dir=tmp_path, webhook_private_addresses=True, webhook_timeout_s=60)
    with contextlib.ExitStack() as stack:
        both = [compose(settings) for _ in range(2)]
        hooks = [hook(both[0], f"{receiver.url}/ok") for _ in range(3)]
        sent = [both[0].webhooks.test(each) for _ in range(10) for each in hooks]
        for services in both:
            stack.callback(services.close)
            stack.enter_context(Sender(services.outbox, settings))
        until(lambda: len(receiver.told("/ok")) >= len(sent), what="all to be told")
        for each in sent:
            until(lambda d=each: both[0].webhooks.delivery(d.webhook_id, d.id).ended_at, what="its end")
    told = [each["headers"]["webhook-id"] for each in receiver.told("/ok")]
    assert sorted(told) == sorted(each.id for each in sent)


def test_of_a_webhook_one_delivery_is_on_its_way(services: Services) -> None:
    """The oldest first; another webhook's is not held up."""
    one, other = hook(services), hook(services)
    first, _, third = services.webhooks.test(one), services.webhooks.test(one), services.webhooks.test(other)
    claimed = services.outbox.claim(limit=10, hold_s=60)
    assert {attempt.id for attempt in claimed} == {first.id, third.id}
    assert services.outbox.claim(limit=10, hold_s=60) == []


def test_a_claim_that_ran_out_is_anothers(services: Services) -> None:
    """The next attempt counts, and the one before can write nothing more."""
    delivery = services.webhooks.test(hook(services))
    (lost,) = services.outbox.claim(limit=1, hold_s=0)
    (taken,) = until(lambda: services.outbox.claim(limit=1, hold_s=60), what="it to come due again")
    assert (lost.id, taken.id, taken.attempt) == (delivery.id, delivery.id, 2)
    services.outbox.failed(lost, "late", wait_s=None)
    assert services.webhooks.delivery(delivery.webhook_id, delivery.id).state is DeliveryState.SENDING
    services.outbox.delivered(taken)
    ended = services.webhooks.delivery(delivery.webhook_id, delivery.id)
    assert (ended.state, ended.last_error) == (DeliveryState.DELIVERED, None)


def test_one_that_failed_waits(services: Services) -> None:
    """Until then it is nobody's, and the webhook's next one has its turn."""
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
    """A sender that finds nothing to do holds up nobody who writes, nor waits for one."""
    with services.database.write() as session:
        session.connection()
        assert services.outbox.claim(limit=10, hold_s=60) == []
