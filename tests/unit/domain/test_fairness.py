"""The fair order of the queue: which key is served next, and the positions of all queued jobs."""

import math

import pytest

from service.domain.fairness import Share, Waiting, in_order, position


def share(owner: str, *, oldest: int = 0, running: int = 0, turn: float = -math.inf, weight: float = 1.0) -> Share:
    """Return a share whose oldest job has this number."""
    return Share(owner=owner, oldest=f"job_{oldest}", running=running, turn=turn, weight=weight)


#: The shares of keys named by letters, and the order in which they are served at turn 5.
ORDERS = {
    "the fewest running jobs first": ([share("a", running=2), share("b", running=0), share("c", running=1)], "bca"),
    "then the oldest job": ([share("a", oldest=3), share("b", oldest=1), share("c", oldest=2)], "bca"),
    "running jobs count by the weight": ([share("a", running=1), share("b", running=3, weight=4.0)], "ba"),
    "a key that was served takes turns, however old its jobs": ([share("a", turn=5), share("b", oldest=1)], "ba"),
    "a heavy key's turn comes back sooner": ([share("a", turn=5), share("b", turn=5, weight=2, oldest=1)], "ba"),
    "an idle key has saved up nothing": ([share("a", turn=-9, oldest=1), share("b", turn=3)], "ba"),
    "a key that is ahead waits for its turn": ([share("a", turn=4.5), share("b", turn=4, oldest=1)], "ba"),
    "running jobs decide before turns": ([share("a", running=1, turn=1), share("b", turn=5)], "ba"),
    "jobs without a key are one key": ([share("a", running=1), Share(owner=None, oldest="job_9")], "-a"),
}


@pytest.mark.parametrize("what", ORDERS)
def test_the_order_of_keys(what: str) -> None:
    """Keys are served by running jobs, then by turn, then by age."""
    shares, order = ORDERS[what]
    assert "".join(each.owner or "-" for each in in_order(shares, clock=5)) == order


#: The keys of queued jobs by age with the running jobs of each key, and the letters in the order of the positions.
PROJECTIONS = {
    "one key is served by age": ("aaa", {}, "aaa"),
    "equal keys take turns": ("aabbcc", {}, "abcabc"),
    "the oldest job decides within a round": ("abba", {}, "abba"),
    "a key that runs all jobs comes after one job of the other": ("aabb", {"a": 2}, "baba"),
    "a key that runs many jobs comes when it is down to its part": ("aabbbb", {"a": 5}, "bbabab"),
    "a lone running job delays nothing": ("aab", {"a": 1}, "aba"),
    "running jobs of keys that do not wait change nothing": ("ab", {"c": 5}, "ab"),
}


@pytest.mark.parametrize("what", PROJECTIONS)
def test_positions(what: str) -> None:
    """The positions of all queued jobs are 1, 2, 3 and so on, in the order in which they start."""
    queued, running, order = PROJECTIONS[what]
    shares = {name: share(name, running=running.get(name, 0)) for name in sorted(set(queued))}

    def position_of(number: int) -> int:
        older = queued[:number]
        waiting = [
            Waiting(share=each, count=queued.count(name), older=older.count(name)) for name, each in shares.items()
        ]
        return position(queued[number], waiting, running=sum(running.values()), clock=0)

    positions = {position_of(number): name for number, name in enumerate(queued)}
    assert "".join(positions[place] for place in range(1, len(queued) + 1)) == order
