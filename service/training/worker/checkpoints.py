"""Saves a run's weights and state as checkpoints, applies retention, and copies the best epoch's weights."""

import math
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

import naivenet
from service.composition import Services
from service.domain.checkpoint import Checkpoint
from service.domain.claims import Claim
from service.domain.history import EpochPoint, SetMetrics
from service.domain.job import Job
from service.domain.retention import Retention
from service.errors import CorruptCheckpoint
from service.store.retry import retry_while_unavailable
from service.training.worker.decision import wait_for_automatic_s
from service.training.worker.resume_state import ResumeState

Event = naivenet.Steps | naivenet.EpochEnd


class JobCheckpoints:
    """The checkpoints of one job, for its worker. At the end of the ``with`` block all of them are written.

    Args:
        services: The stores of weights and checkpoints.
        claim: The claim to write under.
        job: The job that the checkpoints belong to.
    """

    def __init__(self, services: Services, claim: Claim, job: Job) -> None:
        self._services, self._claim, self._job = services, claim, job
        self._saved_at, self._cost_s = time.monotonic(), 0.0
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="checkpoints")
        self._writing: Future[None] | None = None
        self._may_have_automatic = claim.attempt > 1  # an earlier attempt may have left one
        config = job.config
        self._retention = Retention(
            keep_last=config.keep_last,
            keep_best=config.keep_best,
            monitor=config.early_stopping.monitor if config.early_stopping else "test_accuracy",
        )

    def __enter__(self) -> Self:
        """Begin to save."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Wait until the last checkpoint is written, and raise its failure, unless there is an *error* already."""
        self._writer.shutdown()
        if error is None:
            self.wait()

    def save(  # noqa: PLR0913  # what a checkpoint consists of, and why it is saved
        self,
        model: naivenet.NaiveSequential,
        training: naivenet.Training,
        event: Event,
        resume_state: ResumeState,
        *,
        save_requests: Sequence[str],
        automatic: bool = False,
        test_set: str,
    ) -> None:
        """Save a checkpoint from which training can resume after *event*; it answers the *save_requests*.

        It is a copy, which a thread writes beside the next steps: one at a time, so that memory stays bounded and the
        order is kept. A client waits for a save request, so that one is written at once. An *automatic* checkpoint is
        only for resuming: the next checkpoint replaces it.
        """
        self.wait()
        copy, slots = model.numpy(), training.updater.slots()

        def write() -> None:
            started_at = time.monotonic()
            checkpoint = retry_while_unavailable(self._services.weights.write)(
                naivenet.to_safetensors(copy),
                network=self._job.config.network,
                state=naivenet.to_state(slots, event.position, metadata=resume_state.metadata()),
                job_id=self._job.id,
                step=event.position.step,
                epoch=event.epoch,
                metrics=_metrics(epoch_point(event)) if isinstance(event, naivenet.EpochEnd) else {},
                automatic=automatic,
                test_set=test_set if isinstance(event, naivenet.EpochEnd) else None,
            )
            self._services.workers.add_checkpoint(self._claim, checkpoint, answers=save_requests)
            self._may_have_automatic |= automatic
            self._apply_retention(best_epoch=resume_state.early_stopping.best_epoch)
            self._saved_at = time.monotonic()
            self._cost_s = self._saved_at - started_at

        self._writing = self._writer.submit(write)
        if save_requests:
            self.wait()

    def wait(self) -> None:
        """Wait until the last checkpoint is written.

        Raises:
            Exception: What made its write fail.
        """
        if self._writing:
            self._writing.result()
            self._writing = None

    def check(self) -> None:
        """Raise what made the last write fail, if it has; do not wait for a write."""
        if self._writing and self._writing.done():
            self.wait()

    def is_automatic_due(self) -> bool:
        """Return whether the last checkpoint, or the start of this attempt, is long enough ago for an automatic one."""
        wait_s = wait_for_automatic_s(self._job.config.checkpoint_every_s, cost_s=self._cost_s)
        return self._writing is None and time.monotonic() - self._saved_at >= wait_s

    def _apply_retention(self, *, best_epoch: int | None) -> None:
        """Remove the checkpoints that need not be kept: rows first, then bytes. The one of *best_epoch* stays."""
        if self._retention.keeps_all and not self._may_have_automatic:
            return
        removed = self._services.retention.apply(self._claim, self._retention, best_epoch=best_epoch)
        self._services.weights.delete_bytes(*removed)

    def copy_of_epoch(self, epoch: int) -> Checkpoint:
        """Write the weights of *epoch* again, as a new checkpoint at the end of the job; the caller adds its row.

        Raises:
            CorruptCheckpoint: The weights are missing or corrupt.
        """
        found = self._services.retention.epoch_end(self._job.id, epoch)
        if found is None:
            raise CorruptCheckpoint(
                f"The best epoch, {epoch}, has no checkpoint to restore; set restore_best to false and train again."
            )
        return retry_while_unavailable(self._services.weights.write)(
            retry_while_unavailable(self._services.weights.read)(found),
            network=found.network,
            job_id=self._job.id,
            step=found.step,
            epoch=epoch,
            metrics=dict(found.metrics),
            test_set=found.test_set,
        )


def epoch_point(end: naivenet.EpochEnd, sets: tuple[SetMetrics, ...] = ()) -> EpochPoint:
    """Return the metrics of an epoch, and those on the *sets* of a mix, in the form of the history."""
    names = (name for name in EpochPoint.__dataclass_fields__ if name != "sets")
    return EpochPoint(**{name: getattr(end, name) for name in names}, sets=sets)


def _metrics(point: EpochPoint) -> dict[str, float]:
    """Return the epoch's losses and accuracies by name, without values that are missing or not finite."""
    metrics = {name: getattr(point, name) for name in EpochPoint.__dataclass_fields__ if "_" in name}
    return {name: value for name, value in metrics.items() if value is not None and math.isfinite(value)}
