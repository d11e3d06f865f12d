"""The order in which queued jobs start: fair among API keys (start-time fair queueing, Goyal, Vin and Cheng, 1996).

All jobs of one API key share a place in the queue, and so do all jobs without a key. The next job is one of the key
with the fewest running jobs for its weight. Among equals the keys take turns: each started job moves its key's turn on
by 1 / weight, on a clock that is the turn of the newest start. So a burst of one key costs another key one job at most,
also on a single core, and a key that was idle has saved up nothing. When no job is queued or runs, all turns are
forgotten: a key that trained before owes nothing either. The oldest job decides the rest.

Jobs of experiments yield: they start by the same rule, but only when no other job is queued.
"""

import math
from bisect import bisect_left
from collections.abc import Collection
from dataclasses import dataclass
from functools import partial


@dataclass(frozen=True, kw_only=True)
class Share:
    """What one API key has of the queue: of the jobs that yield, or of all others.

    Attributes:
        owner: The id of the key; None for the jobs without a key.
        oldest: The id of its oldest queued job; ids sort by time.
        running: How many jobs it has running.
        turn: The turn of the job that it started last; minus infinity before the first.
        weight: A key with weight 2 gets twice the share of a key with weight 1.
        yields: Whether these are its jobs that start only when no other job is queued.
    """

    owner: str | None
    oldest: str
    running: int = 0
    turn: float = -math.inf
    weight: float = 1.0
    yields: bool = False

    def next_turn(self, clock: float) -> float:
        """Return the turn of its next job. Without a job for a while, it takes its place at the present turn."""
        return max(clock, self.turn + 1 / self.weight)


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """The queued jobs of one key, as seen from one job: *count* of them, of which *older* are older than that job."""

    share: Share
    count: int
    older: int


def in_order(shares: Collection[Share], *, clock: float) -> list[Share]:
    """Return the shares of all keys with queued jobs in the order in which they are served."""

    def place(share: Share) -> tuple[bool, float, float, str]:
        return share.yields, share.running / share.weight, share.next_turn(clock), share.oldest

    return sorted(shares, key=place)


def position(owner: str | None, waiting: Collection[Waiting], *, running: int, clock: float) -> int:
    """Return how many jobs start until a queued job does, that job included, if all jobs take equally long.

    A job with *n* older queued jobs of its key starts when the key has *n* running jobs more. A key that runs more than
    its fair part now is served again only when it is down to that, so it counts with its fair part: of the jobs that
    still run when one of them has ended.

    Args:
        owner: That of the job.
        waiting: What all keys have in the queue, as seen from the job: of the jobs that yield if it does, else of all
            others.
        running: How many jobs run, of all keys.
        clock: The turn of the newest start.
    """
    for_weight = max(running - 1, 0) / sum(each.share.weight for each in waiting)

    def place(each: Waiting, nth: int) -> tuple[float, float, bool]:
        share = each.share
        load = min(share.running, for_weight * share.weight) + nth
        return load / share.weight, share.next_turn(clock) + nth / share.weight, nth >= each.older

    own = next(each for each in waiting if each.share.owner == owner)
    ours = place(own, own.older)
    return 1 + sum(bisect_left(range(each.count), ours, key=partial(place, each)) for each in waiting)
