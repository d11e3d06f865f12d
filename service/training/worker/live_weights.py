"""Shows a job's weights while it trains, if somebody asks, and otherwise costs one small query now and then."""

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

#: How often it looks whether somebody asks, and how often at most it then writes, in seconds: with a chunk of steps,
#: a test at an epoch's end and the API's ``FRESH_S`` added, what is answered with is under a second old.
LOOK_S, WRITE_S = 0.25, 0.5

#: The part of the time that copying weights may take: those of a very large network are shown less often.
LARGEST_SHARE = 0.02


class LiveWeights:
    """A worker's window.

    Args:
        services: What it works with.
        claim: The claim that it shows.
    """

    def __init__(self, services: Services, claim: Claim) -> None:
        self._watches, self._snapshots, self._claim = services.watches, services.snapshots, claim
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="live-weights")
        self._writing: Future[None] | None = None
        self._show_at = 0.0

    def shown(self, events: Iterable[Event], model: naivenet.NaiveSequential) -> Iterator[Event]:
        """The same events; between them the weights of *model* are shown to whoever asks, until the last."""
        try:
            for event in events:
                yield event
                if time.monotonic() >= self._show_at and not self._is_writing():
                    self._show(model, event.position.step)
        finally:
            self._writer.shutdown()
            self._snapshots.delete(self._claim.job_id)

    def _show(self, model: naivenet.NaiveSequential, step: int) -> None:
        """If somebody asks, copy the weights here, which takes a moment, and write them beside the training."""
        began, worked = time.monotonic(), time.thread_time()
        token = self._token()
        if token is None:
            self._show_at = began + LOOK_S
            return
        packed = self._snapshots.pack(model, attempt=self._claim.attempt, token=token, step=step)
        self._writing = self._writer.submit(self._write, packed)
        self._show_at = began + max(WRITE_S, (time.thread_time() - worked) / LARGEST_SHARE)

    def _is_writing(self) -> bool:
        return self._writing is not None and not self._writing.done()

    def _token(self) -> str | None:
        try:
            return self._watches.token(self._claim.job_id)
        except Unavailable:  # the record that is written next says so, if it matters
            return None

    def _write(self, packed: bytes) -> None:
        try:
            self._snapshots.write(self._claim.job_id, packed)
        except Exception:  # whoever asks waits in vain; the training itself is well
            logger.exception("the weights of %s could not be shown", self._claim.job_id)
