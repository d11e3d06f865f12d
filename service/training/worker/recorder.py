"""Buffers training events and writes them in batches; each write returns the store's instructions."""

import math
import time
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import naivenet
from service.domain.claims import Claim
from service.domain.history import EpochPoint, LossChunk
from service.domain.job import Progress
from service.domain.worker_messages import AppliedChange, Instructions, ProgressReport
from service.store.jobs.worker import WorkerStore
from service.training.worker.diagnostic import Diagnostic

NO_INSTRUCTIONS = Instructions(stop=False, saves=())


class Recorder:
    """Buffers the training events of a job and writes them in batches.

    Args:
        workers: The store. While the database is unavailable a write waits, and no event is lost.
        claim: The claim to write under.
        interval_s: The least time between two writes; the end of an epoch is written at once.
        batch_size: Images in a step, for the rate in samples per second.
    """

    def __init__(self, workers: WorkerStore, claim: Claim, *, interval_s: float, batch_size: int) -> None:
        self._workers, self._claim = workers, claim
        self._interval_s, self._batch_size = interval_s, batch_size
        self._losses = array("f")
        self._first_step, self._seconds = 0, 0.0
        self._diagnostics: list[Diagnostic] = []
        self._steps: list[Mapping[str, Any]] = []
        self._progress = Progress()
        self._written_at = -math.inf  # the first loss is written at once
        self._counted_at = time.monotonic()

    def add(self, steps: naivenet.Steps, *, at_once: bool = False) -> Instructions:
        """Buffer steps; write the buffer if the interval is over, or *at_once*."""
        if not self._losses:
            self._first_step = steps.first_step
        self._losses.extend(steps.losses.tolist())
        self._seconds += steps.seconds
        self._progress = replace(self._progress, epoch=steps.epoch, step=steps.first_step + len(steps.losses) - 1)
        due = at_once or time.monotonic() - self._written_at >= self._interval_s
        return self.write() if due else NO_INSTRUCTIONS

    def add_diagnostics(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Buffer diagnostics; they are written with the next batch, in the same transaction."""
        self._diagnostics.extend(diagnostics)

    def add_step(self, detail: Mapping[str, Any]) -> None:
        """Buffer what happened in a step; likewise."""
        self._steps.append(detail)

    def end_epoch(self, point: EpochPoint) -> Instructions:
        """Write the buffer and the metrics of an epoch."""
        return self.write(point)

    def write(self, *points: EpochPoint, changes: Sequence[AppliedChange] = ()) -> Instructions:
        """Write the buffer, epochs and changes in one transaction; return the store's instructions."""
        rate = len(self._losses) * self._batch_size / self._seconds if self._seconds else None
        now = time.monotonic()
        chunk = LossChunk(first_step=self._first_step, epoch=self._progress.epoch, losses=self._losses)
        report = ProgressReport(
            chunks=[chunk] if self._losses else [],
            epochs=points,
            progress=replace(self._progress, samples_per_second=rate),
            diagnostics=[each.as_data() for each in self._diagnostics],
            changes=changes,
            steps=self._steps,
            seconds=now - self._counted_at,
        )
        instructions = self._workers.record(self._claim, report)
        self._counted_at = now
        self._losses, self._diagnostics, self._steps, self._seconds = array("f"), [], [], 0.0
        self._written_at = time.monotonic()
        return instructions
