"""What the queue does if nothing changes: which jobs start in which order, and when.

`starts` plays the future through by the rule in `fairness`: when a running job ends, the next queued job takes its
worker. Times are estimates; the order is that of the claims if all jobs take equally long.
"""

import math
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import heapify, heappop, heappush
from itertools import count

from service.domain.cluster import ClusterSize
from service.domain.fairness import Share


@dataclass(frozen=True, kw_only=True)
class Capacity:
    """How many jobs run at the same time.

    Attributes:
        per_trainer: The most jobs of one trainer.
        in_all: The most jobs of all trainers together; None for no limit.
    """

    per_trainer: int = 1
    in_all: int | None = None

    def workers(self, *, trainers: int, running: int, cluster: ClusterSize | None = None) -> int:
        """Return the number of workers of so many trainers, or of the cluster that one of them uses.

        A trainer with more of them than its setting says shows by its *running* jobs.
        """
        most = max(cluster.slots, 1) if cluster else self.per_trainer * max(trainers, 1)
        return max(running, most if self.in_all is None else min(most, self.in_all))


@dataclass(frozen=True, kw_only=True)
class Line:
    """The queued jobs of one share.

    Attributes:
        share: What the key has of the queue.
        jobs: The ids of its oldest queued jobs, oldest first; at least one.
        has_more: Whether it has more jobs than these.
    """

    share: Share
    jobs: Sequence[str]
    has_more: bool = False


@dataclass(frozen=True, kw_only=True)
class Busy:
    """A worker that trains a job of *owner*, which ends in *ends_in_s* seconds; infinite if nothing is known."""

    owner: str | None
    ends_in_s: float = math.inf


@dataclass(frozen=True, kw_only=True)
class Place:
    """The place of a queued job: 1 for the next one. It starts in *starts_in_s* seconds; infinite if not known."""

    position: int
    starts_in_s: float


def starts(
    lines: Collection[Line], busy: Sequence[Busy], *, workers: int, clock: float, length_s: float
) -> Iterator[tuple[str, Place]]:
    """Yield the queued jobs with their places, in the order in which they start, until it is not known.

    Args:
        lines: The jobs of every key with queued jobs.
        busy: The running jobs, in the order of their claims: it decides where times are equal or not known.
        workers: How many jobs run at the same time.
        clock: The turn of the newest start.
        length_s: How long a queued job takes; infinite if not known.
    """
    ends = [(each.ends_in_s, number, each.owner) for number, each in enumerate(busy)]
    heapify(ends)
    yielding = [line for line in lines if line.share.yields]
    keys = _Keys([line for line in lines if not line.share.yields], clock=clock)
    now = 0.0
    for position in count(1):
        while len(ends) >= workers:
            now, _, owner = heappop(ends)
            keys.end(owner)
        if (taken := keys.take()) is None and keys.are_known and yielding:
            keys = _Keys(_afterwards(yielding, keys.turns, [owner for _, _, owner in ends]), clock=keys.clock)
            yielding, taken = [], keys.take()
        if taken is None:
            return
        owner, job_id = taken
        yield job_id, Place(position=position, starts_in_s=now)
        heappush(ends, (now + length_s, len(busy) + position, owner))


def _afterwards(
    lines: Collection[Line], turns: Mapping[str | None, float], running: Sequence[str | None]
) -> list[Line]:
    """Return the *lines* as they are when other jobs have started: the turns of their owners, and what is *running*."""
    counts = Counter(running)
    shares = [
        replace(line.share, running=counts[line.share.owner], turn=turns.get(line.share.owner, line.share.turn))
        for line in lines
    ]
    return [replace(line, share=share) for line, share in zip(lines, shares, strict=True)]


class _Keys:
    """The keys with queued jobs, in the order of `fairness.in_order`, while jobs start and end.

    Two heaps replace its sort: the keys whose turn has come, by load and age, and those ahead, by load and turn. A key
    is in them once for each load that it had since its oldest job became its oldest; the smallest load is the present.

    Attributes:
        clock: The turn of the newest start.
        turns: The turns of the keys that started jobs.
        are_known: Whether all jobs are known that could start next.
    """

    def __init__(self, lines: Collection[Line], *, clock: float) -> None:
        self.clock, self.turns, self.are_known = clock, dict[str | None, float](), True
        self._lines = {line.share.owner: line for line in lines}
        self._following = {line.share.owner: iter(line.jobs) for line in lines}
        self._shares: dict[str | None, Share] = {}
        self._due: list[tuple[float, str, str | None]] = []
        self._ahead: list[tuple[float, float, str, str | None]] = []
        for line in lines:
            self._advance(line.share, running=line.share.running, turn=line.share.turn)

    def end(self, owner: str | None) -> None:
        """Count a job of *owner* as ended."""
        if share := self._shares.get(owner):
            self._put(replace(share, running=share.running - 1))

    def take(self) -> tuple[str | None, str] | None:
        """Start the next job; return its owner and id. None if no job is queued, or the next one is not known."""
        self._update()
        if not self.are_known or not (self._due or self._ahead):
            return None
        if self._due and (not self._ahead or self._due[0][0] <= self._ahead[0][0]):
            _, job_id, owner = heappop(self._due)
        else:
            _, _, job_id, owner = heappop(self._ahead)
        share = self._shares.pop(owner)
        self.clock = self.turns[owner] = share.next_turn(self.clock)
        self._advance(share, running=share.running + 1, turn=self.clock)
        return owner, job_id

    def _advance(self, share: Share, *, running: int, turn: float) -> None:
        """Make the key's following job its oldest."""
        if job_id := next(self._following[share.owner], None):
            self._put(replace(share, oldest=job_id, running=running, turn=turn))
        elif self._lines[share.owner].has_more:
            self.are_known = False

    def _put(self, share: Share) -> None:
        self._shares[share.owner] = share
        load, turn = share.running / share.weight, share.next_turn(-math.inf)
        heappush(self._ahead, (load, turn, share.oldest, share.owner))

    def _update(self) -> None:
        """Drop what is not true any more from the tops of the heaps, and move the keys whose turn has come."""
        ahead, due = self._ahead, self._due
        while ahead and (ahead[0][1] <= self.clock or not self._is_oldest(*ahead[0][2:])):
            load, _, job_id, owner = heappop(ahead)
            heappush(due, (load, job_id, owner))
        while due and not self._is_oldest(*due[0][1:]):
            heappop(due)

    def _is_oldest(self, job_id: str, owner: str | None) -> bool:
        share = self._shares.get(owner)
        return share is not None and share.oldest == job_id
