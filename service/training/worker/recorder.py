"""Gathers what training yields, writes it down a few times a second, and reads its orders in the same transaction."""

import math
import time
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import replace

import naivenet
from service.domain.claims import Claim
from service.domain.history import EpochPoint, LossChunk
from service.domain.job import Progress
from service.domain.worker_messages import AppliedChange, Instructions, ProgressReport
from service.store.jobs.worker import WorkerStore
from service.training.worker.diagnostics import Diagnostic

NO_INSTRUCTIONS = Instructions(stop=False, saves=())


class Recorder:
    """A job's pen.

    Args:
        workers: Where it writes; it waits there while the database is away, and nothing is lost.
        claim: As whom.
        interval_s: The least time between two writes, the ends of epochs aside.
        batch_size: Images a step, to tell samples per second.
    """

    def __init__(self, workers: WorkerStore, claim: Claim, *, interval_s: float, batch_size: int) -> None:
        self._workers, self._claim, self._interval_s, self._batch_size = (
            workers,
            claim,
            interval_s,
            batch_size,
        )
        self._losses = array("f")
        self._first_step, self._seconds = 0, 0.0
        self._diagnostics: list[Diagnostic] = []
        self._progress = Progress()
        self._written_at = -math.inf  # whoever watches sees the first loss at once
        self._counted_at = time.monotonic()

    def add(self, steps: naivenet.Steps, *, at_once: bool = False) -> Instructions:
        """Note a chunk of steps, and write if it is time, or *at_once*."""
        if not self._losses:
            self._first_step = steps.first_step
        self._losses.extend(steps.losses.tolist())
        self._seconds += steps.seconds
        self._progress = replace(self._progress, epoch=steps.epoch, step=steps.first_step + len(steps.losses) - 1)
        due = at_once or time.monotonic() - self._written_at >= self._interval_s
        return self.write() if due else NO_INSTRUCTIONS

    def note(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Tell these with what is written next, in the same transaction."""
        self._diagnostics.extend(diagnostics)

    def end_epoch(self, point: EpochPoint) -> Instructions:
        """Note an epoch's figures, and write."""
        return self.write(point)

    def write(self, *points: EpochPoint, changes: Sequence[AppliedChange] = ()) -> Instructions:
        """Write what was noted, and read the orders."""
        rate = len(self._losses) * self._batch_size / self._seconds if self._seconds else None
        now = time.monotonic()
        chunk = LossChunk(first_step=self._first_step, epoch=self._progress.epoch, losses=self._losses)
        record = ProgressReport(
            chunks=[chunk] if self._losses else [],
            epochs=points,
            progress=replace(self._progress, samples_per_second=rate),
            diagnostics=[each.as_data() for each in self._diagnostics],
            changes=changes,
            seconds=now - self._counted_at,
        )
        orders = self._workers.record(self._claim, record)
        self._counted_at = now
        self._losses, self._diagnostics, self._seconds = array("f"), [], 0.0
        self._written_at = time.monotonic()
        return orders
