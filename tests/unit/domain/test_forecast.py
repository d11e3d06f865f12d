"""The forecast of the queue: the order and the times of the next starts, held to a plain simulation of the rule."""

import math
from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.cluster import ClusterSize
from service.domain.fairness import Share, in_order
from service.domain.forecast import Busy, Capacity, Line, starts

KEYS = "abcd"


def simulated(lines: Sequence[Line], busy: Sequence[Busy], *, workers: int, clock: float) -> list[str]:
    """Sort the shares before each start, as the queue does; running jobs end in the order of their start."""
    shares = [line.share for line in lines]
    waiting = {(line.share.owner, line.share.yields): deque(line.jobs) for line in lines}
    running, found = deque(each.owner for each in busy), list[str]()

    def changed(owner: str | None, by: int, **turn: float) -> list[Share]:
        return [replace(each, running=each.running + by, **turn) if each.owner == owner else each for each in shares]

    while shares:
        while len(running) >= workers:
            shares = changed(running.popleft(), -1)
        share = in_order(shares, clock=clock)[0]
        jobs = waiting[share.owner, share.yields]
        found.append(jobs.popleft())
        clock = share.next_turn(clock)
        running.append(share.owner)
        shares.remove(share)
        shares += [replace(share, oldest=jobs[0])] if jobs else []
        shares = changed(share.owner, 1, turn=clock)
    return found


@given(
    queued=st.lists(st.tuples(st.sampled_from(KEYS), st.booleans()), min_size=1, max_size=30),
    running=st.lists(st.sampled_from(KEYS), max_size=5),
    more_workers=st.integers(0, 3),
    weights=st.tuples(*[st.sampled_from([0.1, 0.3, 1.0, 1.0, 2.0, 7.0])] * len(KEYS)),
    turns=st.tuples(*[st.sampled_from([-math.inf, 0.0, 1.5, 2.0])] * len(KEYS)),
)
def test_the_order_is_that_of_the_claims(
    queued: list[tuple[str, bool]], running: list[str], more_workers: int, weights: list[float], turns: list[float]
) -> None:
    """Whatever weights, turns and running jobs there are, the Nth job is the Nth that the rule of the queue starts."""
    ids = defaultdict[tuple[str, bool], list[str]](list)
    for number, share in enumerate(queued):
        ids[share].append(f"job_{number:02}")
    at, of = dict(zip(KEYS, turns, strict=True)), dict(zip(KEYS, weights, strict=True))
    lines = [
        Line(
            share=Share(
                owner=owner,
                oldest=jobs[0],
                running=running.count(owner),
                turn=at[owner],
                weight=of[owner],
                yields=yields,
            ),
            jobs=jobs,
        )
        for (owner, yields), jobs in ids.items()
    ]
    busy = [Busy(owner=owner) for owner in running]
    workers = max(len(running) + more_workers, 1)
    found = dict(starts(lines, busy, workers=workers, clock=2.0, length_s=math.inf))
    assert list(found) == simulated(lines, busy, workers=workers, clock=2.0)
    assert [place.position for place in found.values()] == list(range(1, len(queued) + 1))


def line(owner: str, *jobs: str, running: int = 0, has_more: bool = False) -> Line:
    """Return the line of a key."""
    return Line(share=Share(owner=owner, oldest=jobs[0], running=running), jobs=jobs, has_more=has_more)


#: By case: seconds until the running jobs end, the workers, the length of a job, and when four queued jobs start.
TIMES: dict[str, tuple[list[float], int, float, list[float]]] = {
    "each job takes the next free worker": ([30, 10], 2, 100, [10, 30, 110, 130]),
    "free workers start jobs at once": ([30], 3, 100, [0, 0, 30, 100]),
    "short jobs overtake a long one": ([1000, 10], 2, 100, [10, 110, 210, 310]),
    "the next start is known, the others not": ([30, math.inf], 2, math.inf, [30, math.inf, math.inf, math.inf]),
    "nothing is known": ([math.inf], 1, math.inf, [math.inf] * 4),
    "fewer workers than before": ([10, 20, 30], 2, 100, [20, 30, 120, 130]),
}


@pytest.mark.parametrize("what", TIMES)
def test_the_times_of_the_starts(what: str) -> None:
    """A job starts when a running job ends, and takes as long as others took."""
    ends, workers, length_s, times = TIMES[what]
    busy = [Busy(owner="b", ends_in_s=each) for each in ends]
    found = starts([line("a", *"1234")], busy, workers=workers, clock=0, length_s=length_s)
    assert [place.starts_in_s for _, place in found] == times


def test_the_forecast_ends_where_jobs_are_not_known() -> None:
    """When the last known job of a key has started, and it has more of them, what follows is not known."""
    lines = [line("a", "1", "2", "5"), line("b", "3", "4", has_more=True)]
    found = starts(lines, [], workers=1, clock=0, length_s=1)
    assert [job_id for job_id, _ in found] == ["1", "3", "2", "4"]


@pytest.mark.parametrize(
    ("capacity", "trainers", "running", "workers"),
    [
        (Capacity(per_trainer=2), 3, 1, 6),
        (Capacity(per_trainer=2), 0, 0, 2),
        (Capacity(per_trainer=2, in_all=5), 3, 1, 5),
        (Capacity(per_trainer=2), 1, 4, 4),
    ],
)
def test_the_number_of_workers(capacity: Capacity, trainers: int, running: int, workers: int) -> None:
    """Each trainer has the same number of workers, up to a limit, and never less run than can be seen to run."""
    assert capacity.workers(trainers=trainers, running=running) == workers


@pytest.mark.parametrize(("slots", "workers"), [(5, 5), (12, 10), (0, 1)])
def test_the_number_of_workers_of_a_cluster(slots: int, workers: int) -> None:
    """A cluster runs as many jobs as it has slots, and no more than the limit for all trainers."""
    capacity = Capacity(per_trainer=2, in_all=10)
    assert capacity.workers(trainers=2, running=0, cluster=ClusterSize(slots=slots)) == workers
