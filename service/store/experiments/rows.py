"""Rows of experiments, read as values: the status follows from the jobs."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.domain.experiment import Arm, Design, Experiment
from service.domain.job import Status
from service.domain.key import Creator
from service.errors import NotFound
from service.store.tables import ExperimentRow, JobRow, KeyRow

Json = dict[str, Any]


def existing(session: Session, experiment_id: str, *, lock: bool = False) -> ExperimentRow:
    """Return the row of an experiment; *lock* it before changing it.

    Raises:
        NotFound: There is no experiment with this id.
    """
    row = session.get(ExperimentRow, experiment_id, with_for_update=True if lock else None)
    if row is None:
        raise NotFound("experiment", experiment_id)
    return row


def experiment_values(session: Session, rows: Collection[ExperimentRow]) -> list[Experiment]:
    """Return the rows as values, with the states of their jobs from one query."""
    states = _states(session, [row.id for row in rows])
    owners = {row.created_by for row in rows if row.created_by}
    keys = {key.id: key for key in session.scalars(select(KeyRow).where(KeyRow.id.in_(owners)))} if owners else {}
    return [_value(row, states[row.id], keys.get(row.created_by or "")) for row in rows]


def design_json(design: Design) -> Json:
    """Return a design as a JSON column holds it."""
    return vars(design) | {"arms": [dict(vars(arm)) for arm in design.arms], "seeds": list(design.seeds)}


def design_value(stored: Mapping[str, Any]) -> Design:
    """Return what `design_json` was given."""
    arms = tuple(Arm(**each) for each in stored["arms"])
    return Design(**{**stored, "arms": arms, "seeds": tuple(stored["seeds"])})


_States = Mapping[Status, tuple[int, datetime | None]]


def _states(session: Session, ids: Collection[str]) -> Mapping[str, _States]:
    """Return the number of jobs in each status, and the newest end, of each experiment."""
    of = (JobRow.experiment_id, JobRow.status)
    found = select(*of, func.count(), func.max(JobRow.finished_at)).where(JobRow.experiment_id.in_(ids)).group_by(*of)
    states: dict[str, dict[Status, tuple[int, datetime | None]]] = defaultdict(dict)
    for experiment_id, status, count, ended in session.execute(found):
        states[cast(str, experiment_id)][Status(status)] = (count, ended)
    return states


def _value(row: ExperimentRow, states: _States, key: KeyRow | None) -> Experiment:
    experiment = Experiment(
        id=row.id,
        name=row.name,
        design=design_value(row.design),
        jobs={status: states[status][0] for status in Status if status in states},
        looks=row.looks,
        stopped=row.stopped,
        created_at=row.created_at,
        finished_at=max((ended for _, ended in states.values() if ended), default=None),
        cancelled_at=row.cancelled_at,
        created_by=Creator(id=key.id, name=key.name) if key else None,
    )
    return experiment if experiment.has_ended else replace(experiment, finished_at=None)
