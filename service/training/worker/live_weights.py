"""Publishes snapshots of a job's weights while a client watches it; otherwise it costs one small query now and then."""

import contextlib
import logging
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import naivenet
from service.composition import Services
from service.domain.claims import Claim
from service.errors import Unavailable

Event = TypeVar("Event", naivenet.Steps, naivenet.EpochEnd, naivenet.Steps | naivenet.EpochEnd)

logger = logging.getLogger(__name__)

#: Seconds between two queries for a watching client, and at least between two snapshots. A snapshot is less than a
#: second old, even with a chunk of steps, the evaluation of an epoch and the API's ``FRESH_S`` added.
POLL_S, WRITE_S = 0.25, 0.5

#: The largest share of the time that copying weights may take; a very large network is copied less often.
MAX_COPY_SHARE = 0.02


class LiveWeights:
    """Publishes snapshots of the weights of a running job.

    Args:
        services: The stores of watches and snapshots.
        claim: The claim on the job.
    """

    def __init__(self, services: Services, claim: Claim) -> None:
        self._watches, self._snapshots, self._claim = services.watches, services.snapshots, claim
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="live-weights")
        self._writing: Future[None] | None = None
        self._next_at = 0.0

    def publishing(self, events: Iterable[Event], model: naivenet.NaiveSequential) -> Iterator[Event]:
        """Yield the events, and publish the weights of *model* between them; remove the snapshot at the end."""
        try:
            for event in events:
                yield event
                if time.monotonic() >= self._next_at and not self._is_writing():
                    self._publish(model, event.position.step)
        finally:
            self._writer.shutdown()
            with contextlib.suppress(Unavailable):  # the sweeper deletes what stays
                self._snapshots.delete(self._claim.job_id)

    def _publish(self, model: naivenet.NaiveSequential, step: int) -> None:
        """If a client watches, copy the weights in this thread, and write the copy in another one."""
        began, cpu_began = time.monotonic(), time.thread_time()
        token = self._watch_token()
        if token is None:
            self._next_at = began + POLL_S
            return
        packed = self._snapshots.pack(model, attempt=self._claim.attempt, token=token, step=step)
        self._writing = self._writer.submit(self._write, packed)
        self._next_at = began + max(WRITE_S, (time.thread_time() - cpu_began) / MAX_COPY_SHARE)

    def _is_writing(self) -> bool:
        return self._writing is not None and not self._writing.done()

    def _watch_token(self) -> str | None:
        try:
            return self._watches.token(self._claim.job_id)
        except Unavailable:  # the next record fails too if the database stays unavailable
            return None

    def _write(self, packed: bytes) -> None:
        try:
            self._snapshots.write(self._claim.job_id, packed)
        except Exception:  # the watching client times out; the training must not end for it
            logger.exception("cannot write a snapshot of the weights of %s", self._claim.job_id)
