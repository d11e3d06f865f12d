"""What the jobs of an experiment have come to: one query, and one more where the best epoch counts."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.orm import Session

from service.domain.experiment import AtEpoch, Outcome
from service.domain.history import EpochPoint
from service.domain.job import Failure, Result, Status
from service.store.jobs.history import epoch_point
from service.store.tables import EpochRow, JobRow

Outcomes = Sequence[Outcome]

_RESULT = TypeAdapter(Result)
_COLUMNS = (
    JobRow.id,
    JobRow.arm,
    JobRow.config["seed"].as_string().label("seed"),
    JobRow.status,
    JobRow.result,
    JobRow.error,
)
_METRICS = (
    EpochRow.train_loss,
    EpochRow.train_accuracy,
    EpochRow.validation_loss,
    EpochRow.validation_accuracy,
    EpochRow.test_loss,
    EpochRow.test_accuracy,
)


def read_outcomes(session: Session, experiment_id: str, *, epoch: AtEpoch) -> Outcomes:
    """Return the outcomes in the order of the jobs."""
    found = select(*_COLUMNS).where(JobRow.experiment_id == experiment_id).order_by(JobRow.id)
    outcomes = [_outcome(row) for row in session.execute(found)]
    if epoch == "last":
        return outcomes
    best = _best_epochs(session, experiment_id)
    return [replace(each, best=best.get(each.job_id)) if each.result else each for each in outcomes]


def read_histories(session: Session, experiment_id: str) -> dict[str, list[list[EpochPoint]]]:
    """Return the epochs of each job, by the arms of the jobs."""
    found = select(JobRow.arm, EpochRow).join(JobRow, JobRow.id == EpochRow.job_id)
    of_experiment = found.where(JobRow.experiment_id == experiment_id).order_by(EpochRow.job_id, EpochRow.epoch)
    runs: dict[tuple[str, str], list[EpochPoint]] = defaultdict(list)
    for arm, row in session.execute(of_experiment):
        runs[str(arm), row.job_id].append(epoch_point(row))
    histories: dict[str, list[list[EpochPoint]]] = defaultdict(list)
    for (arm, _), run in runs.items():
        histories[arm].append(run)
    return histories


def _outcome(row: Any) -> Outcome:
    return Outcome(
        job_id=row.id,
        arm=row.arm,
        seed=int(row.seed),
        status=Status(row.status),
        result=_RESULT.validate_python(row.result) if row.result else None,
        error=Failure(**row.error) if row.error else None,
    )


def _best_epochs(session: Session, experiment_id: str) -> dict[str, dict[str, float | None]]:
    """Return the metrics of each job's first epoch with the best validation accuracy."""
    of_experiment = select(EpochRow.job_id, *_METRICS).join(JobRow, JobRow.id == EpochRow.job_id)
    tested = of_experiment.where(JobRow.experiment_id == experiment_id, EpochRow.validation_accuracy.is_not(None))
    best: dict[str, dict[str, float | None]] = {}
    for job_id, *metrics in session.execute(tested.order_by(EpochRow.validation_accuracy.desc(), EpochRow.epoch)):
        best.setdefault(job_id, {column.key: value for column, value in zip(_METRICS, metrics, strict=True)})
    return best
