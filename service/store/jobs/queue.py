"""The queue of jobs as rows: which job starts next, and whose turn it is. `fairness` has the rule."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CTE, ColumnElement, CompoundSelect, Select, delete, func, literal, null, select, union_all
from sqlalchemy.orm import Session

from service.domain.fairness import Share, in_order
from service.domain.job import LIVE, Status
from service.store.database import advisory_lock
from service.store.tables import JobRow, KeyRow, TurnRow

#: The owner of the jobs without a key, where NULL cannot stand; and the name of the clock among the turns.
NO_KEY, CLOCK = "", "clock"

QUEUED = JobRow.status == Status.QUEUED
_ACTIVE = select(JobRow.id).where(JobRow.status.in_([Status.QUEUED, *LIVE])).limit(1)
_RUNNING = select(JobRow.created_by, func.count()).where(JobRow.status.in_(LIVE)).group_by(JobRow.created_by)


@dataclass(frozen=True, kw_only=True)
class Queue:
    """The shares of all owners with queued jobs, and the present turn."""

    shares: Sequence[Share]
    clock: float


def lock_next(session: Session) -> JobRow | None:
    """Lock the queued job that starts next, and move its owner's turn on; None if no job is queued.

    The caller holds the advisory lock of the claims. Rows that other transactions have locked are skipped.
    """
    queue = read_queue(session)
    for share in in_order(queue.shares, clock=queue.clock):
        of_share = select(JobRow).where(QUEUED, JobRow.yields == share.yields, _is_of(share.owner))
        oldest = of_share.order_by(JobRow.id).limit(1)
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
        advisory_lock(session, "claims")  # a claim reads a turn before it changes it
        session.execute(delete(TurnRow))


def give_back_turn(session: Session, row: JobRow) -> None:
    """Give back the turn of a job that is queued again: it keeps its place."""
    if turn := session.get(TurnRow, row.created_by or NO_KEY, with_for_update=True):
        turn.turn -= 1 / (row.creator.weight if row.creator else 1.0)


def read_queue(session: Session) -> Queue:
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
            yields=yields,
        )
        for owner, oldest, weight, yields in session.execute(_OLDEST)
        if oldest is not None
    ]
    return Queue(shares=shares, clock=turns.get(CLOCK, 0.0))


def count_queued(session: Session, *, yields: bool, key_id: str | None = None) -> int:
    """Return the number of queued jobs that yield, or that do not: of an API key, or with None of all."""
    queued = select(func.count()).where(QUEUED, JobRow.yields == yields)
    return session.scalar(queued if key_id is None else queued.where(JobRow.created_by == key_id)) or 0


def _is_of(owner: str | None) -> ColumnElement[bool]:
    return JobRow.created_by.is_(None) if owner is None else JobRow.created_by == owner


def queued_owners(*, yields: bool) -> CTE:
    """Return the query for the API keys with queued jobs that yield, or that do not, and NULL at the end.

    It jumps along the index from owner to owner, since a database reads the whole index to group by a column.
    """
    owners = select(func.min(JobRow.created_by).label("owner")).where(QUEUED, JobRow.yields == literal(yields))
    keys = owners.cte("yielding_keys" if yields else "queued_keys", recursive=True)
    following = owners.where(JobRow.created_by > keys.c.owner)
    return keys.union_all(select(following.scalar_subquery()).where(keys.c.owner.is_not(None)))


def _oldest(*, yields: bool) -> tuple[Select[Any], Select[Any]]:
    """Return the queries for each owner of queued jobs, the oldest of these, the owner's weight, and *yields*."""
    keys = queued_owners(yields=yields)
    oldest = select(func.min(JobRow.id)).where(QUEUED, JobRow.yields == literal(yields))
    of_key = oldest.where(JobRow.created_by == keys.c.owner).scalar_subquery()
    with_key = select(keys.c.owner, of_key, KeyRow.weight, literal(yields)).outerjoin(KeyRow, KeyRow.id == keys.c.owner)
    of_none = oldest.where(JobRow.created_by.is_(None)).scalar_subquery()
    return with_key, select(null(), of_none, literal(1.0), literal(yields))


_OLDEST: CompoundSelect[Any] = union_all(*_oldest(yields=False), *_oldest(yields=True))
