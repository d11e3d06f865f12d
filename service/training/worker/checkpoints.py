"""Puts a run's weights and state away as checkpoints, keeps as many as were asked for, and brings the best one back."""

import math
from collections.abc import Sequence

import naivenet
from service.composition import Services
from service.domain.checkpoint import Checkpoint
from service.domain.claims import Claim
from service.domain.history import EpochPoint
from service.domain.job import Job
from service.domain.retention import Retention
from service.errors import CorruptCheckpoint
from service.store.retry import retry_while_unavailable
from service.training.worker.resume_state import ResumeState

Event = naivenet.Steps | naivenet.EpochEnd


class JobCheckpoints:
    """A job's checkpoints, as its worker has them.

    Args:
        services: What it works with.
        claim: The claim it writes under.
        job: Whose checkpoints they are.
    """

    def __init__(self, services: Services, claim: Claim, job: Job) -> None:
        self._services, self._claim, self._job = services, claim, job
        config = job.config
        self._retention = Retention(
            keep_last=config.keep_last,
            keep_best=config.keep_best,
            monitor=config.early_stopping.monitor if config.early_stopping else "test_accuracy",
        )

    def save(
        self,
        model: naivenet.NaiveSequential,
        training: naivenet.Training,
        event: Event,
        memory: ResumeState,
        *,
        answers: Sequence[str],
    ) -> None:
        """Keep all that going on after *event* needs, and tell those who asked for it."""
        state = naivenet.to_state(training.updater.slots(), event.position, metadata=memory.metadata())
        checkpoint = retry_while_unavailable(self._services.weights.write)(
            naivenet.to_safetensors(model),
            network=self._job.config.network,
            state=state,
            job_id=self._job.id,
            step=event.position.step,
            epoch=event.epoch,
            metrics=_metrics(epoch_point(event)) if isinstance(event, naivenet.EpochEnd) else {},
        )
        self._services.workers.add_checkpoint(self._claim, checkpoint, answers=answers)

    def thin_out(self, *, best_epoch: int | None) -> None:
        """Remove the checkpoints that are not to be kept: rows first, then bytes. That of *best_epoch* stays."""
        if self._retention.keeps_all:
            return
        gone = self._services.retention.apply(self._claim, self._retention, best_epoch=best_epoch)
        self._services.weights.delete_bytes(*gone)

    def restored(self, epoch: int) -> Checkpoint:
        """The weights of *epoch* once more, as the job's last checkpoint; the caller adds its row.

        Raises:
            CorruptCheckpoint: They are missing or damaged.
        """
        found = self._services.retention.epoch_end(self._job.id, epoch)
        if found is None:
            raise CorruptCheckpoint(f"The weights of the best epoch, {epoch}, are missing.")
        return retry_while_unavailable(self._services.weights.write)(
            self._services.weights.read(found),
            network=found.network,
            job_id=self._job.id,
            step=found.step,
            epoch=epoch,
            metrics=dict(found.metrics),
        )


def epoch_point(end: naivenet.EpochEnd) -> EpochPoint:
    """An epoch's figures, as the history holds them."""
    return EpochPoint(**{name: getattr(end, name) for name in EpochPoint.__dataclass_fields__})


def _metrics(point: EpochPoint) -> dict[str, float]:
    """The figures of an epoch that were taken, by name."""
    figures = {name: getattr(point, name) for name in EpochPoint.__dataclass_fields__ if "_" in name}
    return {name: value for name, value in figures.items() if value is not None and math.isfinite(value)}
