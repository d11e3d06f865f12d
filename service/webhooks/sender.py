"""Sends what the outbox holds, beside the trainer: neither training nor the API ever waits for a receiver."""

import asyncio
import contextlib
import logging
import random
import threading
from typing import Self

from service.errors import ServiceError
from service.settings import Settings
from service.store.webhooks.outbox import DeliveryAttempt, OutboxStore
from service.webhooks.client import Undeliverable, WebhookClient

logger = logging.getLogger(__name__)

#: How often the outbox is looked at, and how long a database that did not answer is left alone, in seconds.
POLL_S, PAUSE_AFTER_ERROR_S = 0.25, 2.0

#: How many webhooks are told something at once: one that hangs holds up no other.
AT_ONCE = 64

#: How much longer the next wait is, how long one is at most (in seconds), and how far waits are spread.
GROWTH, LONGEST_S, SPREAD = 4.0, 6 * 3600.0, 0.1

#: How much longer than an attempt may take a claim lasts, so that only a sender that is gone loses one.
HOLD = 2.0


class Sender:
    """A context in which webhooks are told.

    Args:
        outbox: What they are to be told.
        settings: How long to wait for them, and how often.
    """

    def __init__(self, outbox: OutboxStore, settings: Settings) -> None:
        self._outbox, self._settings = outbox, settings
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True, name="sender")

    def __enter__(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End; what is on its way is sent again by whoever comes next."""
        self._stopped.set()
        self._thread.join(1.0)

    async def _run(self) -> None:
        client = WebhookClient(
            timeout_s=self._settings.webhook_timeout_s, private=self._settings.webhook_private_addresses
        )
        sending: set[asyncio.Task[None]] = set()
        while not self._stopped.is_set():
            parcels = await self._claimed(AT_ONCE - len(sending))
            for attempt in parcels:
                task = asyncio.create_task(self._deliver(client, attempt))
                sending.add(task)
                task.add_done_callback(sending.discard)
            if not parcels:
                pause = asyncio.create_task(asyncio.sleep(POLL_S))
                await asyncio.wait([pause, *sending], return_when=asyncio.FIRST_COMPLETED)

    async def _claimed(self, limit: int) -> list[DeliveryAttempt]:
        if not limit:
            return []
        try:
            hold_s = HOLD * self._settings.webhook_timeout_s
            return await asyncio.to_thread(self._outbox.claim, limit=limit, hold_s=hold_s)
        except Exception:  # the database may be away for a while: what is due is told later, and we go on looking
            logger.exception("the outbox could not be looked at")
            await asyncio.sleep(PAUSE_AFTER_ERROR_S)
            return []

    async def _deliver(self, client: WebhookClient, attempt: DeliveryAttempt) -> None:
        with contextlib.suppress(ServiceError):  # a database that is away for long: the claim ends, it is sent again
            try:
                await client.send(attempt)
            except Undeliverable as error:
                wait_s = self._wait_s(attempt.attempt)
                logger.info("webhook %s, attempt %d: %s", attempt.webhook_id, attempt.attempt, error)
                await asyncio.to_thread(self._outbox.refused, attempt, str(error), wait_s=wait_s)
            else:
                await asyncio.to_thread(self._outbox.delivered, attempt)

    def _wait_s(self, attempt: int) -> float | None:
        if attempt >= self._settings.webhook_attempts:
            return None
        wait_s = min(self._settings.webhook_retry_s * GROWTH ** (attempt - 1), LONGEST_S)
        return wait_s * (1 + random.uniform(0, SPREAD))  # noqa: S311  # guards no secret
