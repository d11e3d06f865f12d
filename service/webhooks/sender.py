"""Sends the deliveries of the outbox, in a thread of the trainer: training and the API never wait for a receiver."""

import asyncio
import contextlib
import logging
import random
import threading
from typing import Self

from service.errors import ServiceError, Unavailable
from service.settings import Settings
from service.store.webhooks.outbox import DeliveryAttempt, OutboxStore
from service.webhooks.client import Undeliverable, WebhookClient

logger = logging.getLogger(__name__)

#: How often the outbox is polled, and how long to wait after an error of the database, in seconds.
POLL_S, PAUSE_AFTER_ERROR_S = 0.25, 2.0

#: How many deliveries are in flight at once: a receiver that hangs does not delay others.
CONCURRENCY = 64

#: The exponential backoff between attempts: its factor, its longest wait (in seconds), and the share of its jitter.
BACKOFF_FACTOR, LONGEST_WAIT_S, JITTER = 4.0, 6 * 3600.0, 0.1

#: A claim lasts this many times as long as an attempt may take: only a sender that has died loses its claims.
CLAIM_FACTOR = 2.0


class Sender:
    """A context manager: while it is open, a thread sends deliveries.

    Args:
        outbox: The deliveries.
        settings: The timeout, the number of attempts, and the first wait between them.
    """

    def __init__(self, outbox: OutboxStore, settings: Settings) -> None:
        self._outbox, self._settings = outbox, settings
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True, name="sender")

    def __enter__(self) -> Self:
        """Start the thread."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop. Deliveries in flight are sent again when their claims have expired."""
        self._stopped.set()
        self._thread.join(1.0)

    async def _run(self) -> None:
        client = WebhookClient(
            timeout_s=self._settings.webhook_timeout_s, private=self._settings.webhook_private_addresses
        )
        sending: set[asyncio.Task[None]] = set()
        while not self._stopped.is_set():
            claimed = await self._claimed(CONCURRENCY - len(sending))
            for attempt in claimed:
                task = asyncio.create_task(self._deliver(client, attempt))
                sending.add(task)
                task.add_done_callback(sending.discard)
            if not claimed:
                pause = asyncio.create_task(asyncio.sleep(POLL_S))
                await asyncio.wait([pause, *sending], return_when=asyncio.FIRST_COMPLETED)

    async def _claimed(self, limit: int) -> list[DeliveryAttempt]:
        if not limit:
            return []
        try:
            hold_s = CLAIM_FACTOR * self._settings.webhook_timeout_s
            return await asyncio.to_thread(self._outbox.claim, limit=limit, hold_s=hold_s)
        except Unavailable:  # the deliveries stay due; the trainer, in whose process this thread runs, logs the outage
            await asyncio.sleep(PAUSE_AFTER_ERROR_S)
            return []
        except Exception:
            logger.exception("polling the outbox failed; it is tried again in %g s", PAUSE_AFTER_ERROR_S)
            await asyncio.sleep(PAUSE_AFTER_ERROR_S)
            return []

    async def _deliver(self, client: WebhookClient, attempt: DeliveryAttempt) -> None:
        with contextlib.suppress(ServiceError):  # unavailable database: the claim expires, and it is sent again
            try:
                await client.send(attempt)
            except Undeliverable as error:
                wait_s = self._wait_s(attempt.attempt)
                logger.info("webhook %s, attempt %d failed: %s", attempt.webhook_id, attempt.attempt, error)
                await asyncio.to_thread(self._outbox.failed, attempt, str(error), wait_s=wait_s)
            else:
                await asyncio.to_thread(self._outbox.delivered, attempt)

    def _wait_s(self, attempt: int) -> float | None:
        if attempt >= self._settings.webhook_attempts:
            return None
        wait_s = min(self._settings.webhook_retry_s * BACKOFF_FACTOR ** (attempt - 1), LONGEST_WAIT_S)
        return wait_s * (1 + random.uniform(0, JITTER))  # noqa: S311  # guards no secret
