"""The fair order of the queue: which key is served next, and how a projection counts running jobs."""

import math

import pytest

from service.domain.fairness import Share, in_order, projected


def share(owner: str, *, oldest: int = 0, running: float = 0, turn: float = -math.inf, weight: float = 1.0) -> Share:
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


@pytest.mark.parametrize(
    ("shares", "running", "counted"),
    [
        ([share("a", running=3), share("b")], 3, [1, 0]),
        ([share("a", running=2)], 3, [2]),
        ([share("a", running=1), share("b")], 5, [1, 0]),
        ([share("a", running=10), share("b", weight=2.0)], 10, [3, 0]),
        ([share("a", running=1), share("b")], 1, [0, 0]),
        ([share("a"), share("b")], 0, [0, 0]),
        ([], 2, []),
    ],
)
def test_a_projection_counts_no_more_than_a_fair_part(shares: list[Share], running: int, counted: list[float]) -> None:
    """A key that runs more than its part of all running jobs counts with its part."""
    assert [each.running for each in projected(shares, running=running)] == counted
