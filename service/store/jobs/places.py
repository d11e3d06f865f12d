"""The places of queued jobs: how many jobs start until then, and when that will be. `forecast` plays the queue through.

The forecast reads the oldest jobs of each key, up to a limit. The place of a job beyond it is computed from the number
of its key's jobs before it, which counts the whole queue.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from statistics import fmean
from typing import Any

from sqlalchemy import Select, case, func, literal, select
from sqlalchemy.orm import Session

from service.domain.fairness import Share, Waiting, position
from service.domain.forecast import Busy, Capacity, Line, Place, starts
from service.domain.job import LIVE, Status, remaining_s
from service.store.jobs.queue import QUEUED, Queue, queued_owners, read_queue
from service.store.operations.trainers import count_alive, newest_cluster
from service.store.tables import JobRow

#: How many queued jobs the forecast reads, and the length of how many jobs that have succeeded is a job's mean length.
MOST_KNOWN, RECENT = 1000, 20

#: Numbers of jobs by their owner and whether they yield.
_Counts = Counter[tuple[str | None, bool]]

_RUNNING = (
    select(
        JobRow.created_by,
        JobRow.status,
        JobRow.claimed_at,
        JobRow.step,
        JobRow.total_steps,
        JobRow.samples_per_second,
        JobRow.config["batch_size"].as_integer().label("batch_size"),
    )
    .where(JobRow.status.in_(LIVE))
    .order_by(func.coalesce(JobRow.claimed_at, JobRow.started_at), JobRow.id)
)
_ENDED = (
    select(JobRow.claimed_at, JobRow.finished_at)
    .where(JobRow.status == Status.SUCCEEDED)
    .order_by(JobRow.id.desc())
    .limit(RECENT)
)


@dataclass(frozen=True, kw_only=True)
class EndedJob:
    """A job that succeeded: its configuration, its number of steps, and how long it took."""

    config: Mapping[str, Any]
    steps: int
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How fast jobs are done here.

    Attributes:
        workers: How many jobs run at the same time.
        ended: The newest jobs that succeeded.
    """

    workers: int
    ended: Sequence[EndedJob]


@dataclass(frozen=True, kw_only=True)
class _Workers:
    """The workers as they are now.

    Attributes:
        busy: The running jobs.
        number: How many jobs run at the same time.
        length_s: How long a job takes; infinite if it is not known.
        are_alive: Whether a trainer runs. Without one, nothing is known of times.
    """

    busy: Sequence[Busy]
    number: int
    length_s: float
    are_alive: bool


def places(session: Session, rows: Iterable[JobRow], capacity: Capacity) -> dict[str, Place]:
    """Return the places of the queued jobs among *rows*."""
    ids = {row.id for row in rows if row.status == Status.QUEUED}
    if not ids:
        return {}
    queue, workers = read_queue(session), _workers(session, capacity)
    found = _near(session, ids, queue, workers)
    if far := ids - found.keys():
        found |= _far(session, sorted(far), queue, workers)
    if workers.are_alive:
        return found
    return {job_id: replace(place, starts_in_s=math.inf) for job_id, place in found.items()}


def read_pace(session: Session, capacity: Capacity) -> Pace:
    """Return how fast jobs are done here."""
    rows = session.execute(_ENDED.add_columns(JobRow.step, JobRow.config))
    ended = [
        EndedJob(config=config, steps=steps, seconds=(end - begin).total_seconds())
        for begin, end, steps, config in rows
        if begin and end
    ]
    return Pace(workers=_workers(session, capacity).number, ended=ended)


def _near(session: Session, ids: set[str], queue: Queue, workers: _Workers) -> dict[str, Place]:
    """Return the places of the jobs that the forecast reaches."""
    lines = _lines(session, queue)
    left, found = {job_id for line in lines for job_id in line.jobs if job_id in ids}, dict[str, Place]()
    forecast = starts(lines, workers.busy, workers=workers.number, clock=queue.clock, length_s=workers.length_s)
    while left and (start := next(forecast, None)):
        job_id, place = start
        if job_id in left:
            left.remove(job_id)
            found[job_id] = place
    return found


def _lines(session: Session, queue: Queue) -> list[Line]:
    """Return the oldest jobs of each key."""
    return [
        line
        for yields in (False, True)
        if (shares := [share for share in queue.shares if share.yields is yields])
        for line in _lines_of(session, shares, yields=yields)
    ]


def _lines_of(session: Session, shares: Sequence[Share], *, yields: bool) -> list[Line]:
    jobs, complete = defaultdict[str | None, list[str]](list), set[str | None]()
    for owner, job_id in session.execute(_OLDEST_OF_KEYS[yields].limit(MOST_KNOWN)):
        if job_id is None:
            complete.add(owner)
        else:
            jobs[owner].append(job_id)
    jobs[None] = list(session.scalars(_OLDEST_WITHOUT_KEY[yields].limit(MOST_KNOWN)))
    if len(jobs[None]) < MOST_KNOWN:
        complete.add(None)
    return [
        Line(share=share, jobs=jobs[share.owner] or [share.oldest], has_more=share.owner not in complete)
        for share in shares
    ]


def _far(session: Session, ids: Sequence[str], queue: Queue, workers: _Workers) -> dict[str, Place]:
    """Return the places of jobs, ordered by id, that the forecast does not reach; they may be wrong by some jobs."""
    found = dict[str, Place]()
    counts, older = _counts(session, before=ids[0])
    first = sum(count for (_, yields), count in counts.items() if not yields)
    for job_id, owner, yields in session.execute(_between(ids[0], ids[-1])):
        if job_id in ids:
            waiting = [
                Waiting(share=share, count=counts[share.owner, yields], older=older[share.owner, yields])
                for share in queue.shares
                if share.yields == yields
            ]
            nth = position(owner, waiting, running=len(workers.busy), clock=queue.clock) + (first if yields else 0)
            found[job_id] = Place(position=nth, starts_in_s=workers.length_s * nth / workers.number)
        older[owner, yields] += 1
    return found


def _workers(session: Session, capacity: Capacity) -> _Workers:
    now = datetime.now(UTC)
    trainers, running = count_alive(session, now), session.execute(_RUNNING).all()
    length_s = _mean_length_s(session, running, now)
    return _Workers(
        busy=[Busy(owner=row.created_by, ends_in_s=_ends_in_s(row, length_s, now)) for row in running],
        number=capacity.workers(trainers=trainers, running=len(running), cluster=newest_cluster(session, now)),
        length_s=length_s,
        are_alive=trainers > 0,
    )


def _mean_length_s(session: Session, running: Sequence[Any], now: datetime) -> float:
    """Return how long the newest jobs that succeeded took; without any, how long running jobs will take in all."""
    took = [(end - begin).total_seconds() for begin, end in session.execute(_ENDED) if begin and end]
    will_take = ((_remaining_s(row), row.claimed_at) for row in running)
    took = took or [left + (now - begin).total_seconds() for left, begin in will_take if left is not None and begin]
    return max(fmean(took), 0.0) if took else math.inf


def _ends_in_s(row: Any, length_s: float, now: datetime) -> float:
    """Return when a running job will end: by its rate, or if that is not known, when it has taken as long as others."""
    if row.status != Status.RUNNING:  # it is being paused or cancelled
        return 0.0
    if (left_s := _remaining_s(row)) is not None:
        return left_s
    return max(0.0, length_s - (now - row.claimed_at).total_seconds()) if row.claimed_at else length_s


def _remaining_s(row: Any) -> float | None:
    return remaining_s(row.step, row.total_steps, batch_size=row.batch_size, rate=row.samples_per_second)


def _counts(session: Session, *, before: str) -> tuple[_Counts, _Counts]:
    """Return for each share how many jobs are queued, and how many of these are older than the job *before*."""
    older = func.sum(case((JobRow.id < before, 1), else_=0))
    of_share = (JobRow.created_by, JobRow.yields)
    found = session.execute(select(*of_share, func.count(), older).where(QUEUED).group_by(*of_share)).all()
    return Counter({(owner, yields): n for owner, yields, n, _ in found}), Counter(
        {(owner, yields): n for owner, yields, _, n in found}
    )


def _between(first: str, last: str) -> Select[str, str | None, bool]:
    """Return the query for the queued jobs from *first* to *last*, oldest first, with their shares."""
    query = select(JobRow.id, JobRow.created_by, JobRow.yields).where(QUEUED, JobRow.id >= first, JobRow.id <= last)
    return query.order_by(JobRow.id)


def _oldest_of_keys(*, yields: bool) -> Select[Any]:
    """Return the query for the oldest jobs of all API keys: the first of each, the second of each, and so on.

    NULL follows a key's last job. Each row is one lookup in the index: with a limit, a long queue costs no more.
    """
    keys = queued_owners(yields=yields)
    oldest = select(func.min(JobRow.id)).where(QUEUED, JobRow.yields == literal(yields))
    first = oldest.where(JobRow.created_by == keys.c.owner).scalar_subquery().label("job_id")
    line = select(keys.c.owner, first).where(keys.c.owner.is_not(None)).cte("line", recursive=True)
    following = oldest.where(JobRow.created_by == line.c.owner, JobRow.id > line.c.job_id).scalar_subquery()
    line = line.union_all(select(line.c.owner, following).where(line.c.job_id.is_not(None)))
    return select(line.c.owner, line.c.job_id)


_OLDEST_OF_KEYS = {yields: _oldest_of_keys(yields=yields) for yields in (False, True)}
_OLDEST_WITHOUT_KEY = {
    yields: select(JobRow.id).where(QUEUED, JobRow.yields == yields, JobRow.created_by.is_(None)).order_by(JobRow.id)
    for yields in (False, True)
}
