"""The queue of jobs as rows: which job starts next, and the positions of all others. `fairness` has the rule."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, case, delete, func, literal, null, select, union_all
from sqlalchemy.orm import Session

from service.domain.fairness import Share, Waiting, in_order, position
from service.domain.job import LIVE, Status
from service.store.tables import JobRow, KeyRow, TurnRow

#: The owner of the jobs without a key, where NULL cannot stand; and the name of the clock among the turns.
NO_KEY, CLOCK = "", "clock"

_QUEUED = JobRow.status == Status.QUEUED
_ACTIVE = select(JobRow.id).where(JobRow.status.in_([Status.QUEUED, *LIVE])).limit(1)
_RUNNING = select(JobRow.created_by, func.count()).where(JobRow.status.in_(LIVE)).group_by(JobRow.created_by)


@dataclass(frozen=True, kw_only=True)
class _Queue:
    """The shares of all owners with queued jobs, the number of all running jobs, and the present turn."""

    shares: Sequence[Share]
    running: int
    clock: float


def lock_next(session: Session) -> JobRow | None:
    """Lock the queued job that starts next, and move its owner's turn on; None if no job is queued.

    The caller holds the advisory lock of the claims. Rows that other transactions have locked are skipped.
    """
    queue = _read(session)
    for share in in_order(queue.shares, clock=queue.clock):
        oldest = select(JobRow).where(_QUEUED, _is_of(share.owner)).order_by(JobRow.id).limit(1)
        if row := session.scalar(oldest.with_for_update(skip_locked=True)):
            turn = share.next_turn(queue.clock)
            session.merge(TurnRow(owner=share.owner or NO_KEY, turn=turn))
            session.merge(TurnRow(owner=CLOCK, turn=turn))
            return row
    return None


def forget_turns_if_idle(session: Session) -> None:
    """Forget all turns if no job is queued or runs: what a key trained before has no part in the queue that follows.

    The clock moves only when jobs start. Without this, a key that trained one job yesterday would today wait for a
    burst that another key has queued before it.
    """
    if session.scalar(_ACTIVE) is None:
        session.execute(delete(TurnRow))


def give_back_turn(session: Session, row: JobRow) -> None:
    """Give back the turn of a job that is queued again: it keeps its place."""
    if turn := session.get(TurnRow, row.created_by or NO_KEY, with_for_update=True):
        turn.turn -= 1 / (row.creator.weight if row.creator else 1.0)


def positions(session: Session, rows: Iterable[JobRow]) -> dict[str, int]:
    """Return the positions of the queued jobs among *rows*: how many jobs start until then, itself included."""
    ids = sorted(row.id for row in rows if row.status == Status.QUEUED)
    if not ids:
        return {}
    queue, found = _read(session), dict[str, int]()
    counts, older = _counts(session, before=ids[0])
    for job_id, owner in session.execute(_between(ids[0], ids[-1])):
        if job_id in ids:
            waiting = [
                Waiting(share=share, count=counts[share.owner], older=older[share.owner]) for share in queue.shares
            ]
            found[job_id] = position(owner, waiting, running=queue.running, clock=queue.clock)
        older[owner] += 1
    return found


def _counts(session: Session, *, before: str) -> tuple[Counter[str | None], Counter[str | None]]:
    """Return for each owner how many jobs are queued, and how many of these are older than the job *before*."""
    older = func.sum(case((JobRow.id < before, 1), else_=0))
    query = select(JobRow.created_by, func.count(), older).where(_QUEUED).group_by(JobRow.created_by)
    found = session.execute(query).all()
    return Counter({owner: count for owner, count, _ in found}), Counter({owner: n for owner, _, n in found})


def _between(first: str, last: str) -> Select[str, str | None]:
    """Return the query for the queued jobs from *first* to *last*, oldest first, with their owners."""
    query = select(JobRow.id, JobRow.created_by).where(_QUEUED, JobRow.id >= first, JobRow.id <= last)
    return query.order_by(JobRow.id)


def _read(session: Session) -> _Queue:
    """Return the queue's shares. It costs some lookups for each owner, however many jobs are queued."""
    running = dict(session.execute(_RUNNING).all())
    turns = {turn.owner: turn.turn for turn in session.scalars(select(TurnRow))}
    shares = [
        Share(
            owner=owner,
            oldest=oldest,
            running=running.get(owner, 0),
            turn=turns.get(owner or NO_KEY, -math.inf),
            weight=1.0 if weight is None else weight,
        )
        for owner, oldest, weight in session.execute(_OLDEST)
        if oldest is not None
    ]
    return _Queue(shares=shares, running=sum(running.values()), clock=turns.get(CLOCK, 0.0))


def _is_of(owner: str | None) -> ColumnElement[bool]:
    return JobRow.created_by.is_(None) if owner is None else JobRow.created_by == owner


def _oldest() -> CompoundSelect[Any]:
    """Return the query for each owner of queued jobs, the oldest of these, and the owner's weight.

    It jumps along the index from owner to owner, since a database reads the whole index to group by a column.
    """
    keys = select(func.min(JobRow.created_by).label("owner")).where(_QUEUED).cte("queued_keys", recursive=True)
    following = select(func.min(JobRow.created_by)).where(_QUEUED, JobRow.created_by > keys.c.owner)
    keys = keys.union_all(select(following.scalar_subquery()).where(keys.c.owner.is_not(None)))
    oldest = select(func.min(JobRow.id)).where(_QUEUED)
    of_key = oldest.where(JobRow.created_by == keys.c.owner).scalar_subquery()
    with_key = select(keys.c.owner, of_key, KeyRow.weight).outerjoin(KeyRow, KeyRow.id == keys.c.owner)
    without_key = select(null(), oldest.where(JobRow.created_by.is_(None)).scalar_subquery(), literal(1.0))
    return union_all(with_key, without_key)


_OLDEST = _oldest()
