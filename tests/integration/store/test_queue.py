"""The queue of several API keys: bursts, weights, places after a pause or a loss, and positions that come true."""

from collections import Counter, deque
from collections.abc import Callable, Sequence

import pytest

from service.composition import Services
from service.domain.claims import Claim
from service.domain.config import JobConfig
from service.domain.job import Failure
from service.domain.key import ANONYMOUS, Caller, Scope
from service.store.jobs.jobs import JobFilter

ENDED = Failure(code="broken", message="It broke.")

#: Queues the next job of the key with this name; "-" is no key.
QueueFor = Callable[[str], str]


@pytest.fixture
def queue_for(services: Services) -> QueueFor:
    """Queue jobs of keys, which are created when they are first named."""
    callers: dict[str, Caller] = {"-": ANONYMOUS}

    def queue(name: str) -> str:
        if name not in callers:
            callers[name] = services.keys.create(name, [Scope.TRAIN])[0].caller
        return services.jobs.create(JobConfig(name=name), caller=callers[name]).id

    return queue


def weigh(services: Services, job_id: str, weight: float) -> None:
    """Give the key of a job a weight."""
    creator = services.jobs.get(job_id).created_by
    assert creator
    services.keys.allow(creator.id, {"weight": weight})


def trained(services: Services, *, slots: int, running: Sequence[Claim] = ()) -> list[str]:
    """Train the queue with *slots* workers, in jobs of one length; return the jobs in the order of their start."""
    workers, started = deque(running), list[str]()
    while True:
        while claim := services.claims.acquire(max_running=slots):
            started.append(claim.job_id)
            workers.append(claim)
        if not workers:
            return started
        services.workers.fail(workers.popleft(), ENDED)


def positions(services: Services, ids: Sequence[str]) -> list[int | None]:
    """Return the jobs' positions, which one job and the list of jobs give alike."""
    found = [services.jobs.get(job_id).queue_position for job_id in ids]
    listed = {job.id: job.queue_position for job in services.jobs.page(JobFilter(), limit=100)[0]}
    assert [listed[job_id] for job_id in ids] == found
    return found


@pytest.mark.parametrize(("slots", "weight"), [(1, 1.0), (1, 10.0), (2, 0.1), (3, 10.0)])
def test_a_burst_delays_the_first_job_of_another_key_by_one_job(
    services: Services, queue_for: QueueFor, slots: int, weight: float
) -> None:
    """One key of any weight queues ten jobs, and the first of them run: the next job to start is the other key's."""
    burst = [queue_for("a") for _ in range(10)]
    weigh(services, burst[0], weight)
    running = [services.claims.acquire(max_running=slots) for _ in range(slots)]
    late = queue_for("b")
    started = trained(services, slots=slots, running=[claim for claim in running if claim])
    assert started == [late, *burst[slots:]]


@pytest.mark.parametrize("how", ["queued", "resumed"])
@pytest.mark.parametrize("weight", [1.0, 10.0])
def test_a_burst_delays_a_key_that_trained_before_an_idle_time_by_one_job(
    services: Services, queue_for: QueueFor, weight: float, how: str
) -> None:
    """A job that a key trained before the queue was empty does not count in the next queue."""
    paused = queue_for("a")
    services.jobs.apply(paused, "pause")
    queue_for("b")
    trained(services, slots=1)
    if how == "resumed":
        services.jobs.apply(paused, "resume")
    burst = [queue_for("a") for _ in range(5)]
    weigh(services, burst[0], weight)
    running = services.claims.acquire()
    late = queue_for("b")
    assert running
    assert trained(services, slots=1, running=[running])[0] == late


def test_two_bursts_do_not_delay_a_third_key(services: Services, queue_for: QueueFor) -> None:
    """Each of two keys with many jobs delays the first job of a third one by one job at most."""
    for name in "ab":
        for _ in range(5):
            queue_for(name)
    late = queue_for("c")
    assert trained(services, slots=2)[2] == late


def test_keys_with_equal_jobs_take_turns(services: Services, queue_for: QueueFor) -> None:
    """Thirty keys queue three jobs each, one after another: all first jobs start before all second ones, and so on."""
    queued = [(number, queue_for(f"student {name}")) for name in range(30) for number in range(3)]
    numbers = {job_id: number for number, job_id in queued}
    assert [numbers[job_id] for job_id in trained(services, slots=2)] == [n for n in range(3) for _ in range(30)]


@pytest.mark.parametrize("slots", [1, 3])
def test_a_heavier_key_has_a_larger_share(services: Services, queue_for: QueueFor, slots: int) -> None:
    """A key with weight 2 starts two jobs for each job of another key, also on one core."""
    names = {queue_for(name): name for _ in range(8) for name in "ab"}
    weigh(services, min(names), 2.0)
    started = [names[job_id] for job_id in trained(services, slots=slots)]
    assert Counter(started[:9]) == {"a": 6, "b": 3}


def test_jobs_without_a_key_are_one_key(services: Services, queue_for: QueueFor) -> None:
    """Jobs without a key start in the order of their queueing, and take turns with a key's."""
    names = {queue_for(name): name for name in "---aa"}
    assert [names[job_id] for job_id in trained(services, slots=1)] == list("-a-a-")


def test_a_job_of_an_unknown_key_starts(services: Services) -> None:
    """A job whose key has no row starts like others."""
    caller = Caller(id="key_unknown", name="gone", scopes=frozenset(Scope))
    job_id = services.jobs.create(JobConfig(), caller=caller).id
    assert trained(services, slots=1) == [job_id]


@pytest.mark.parametrize("end", ["release", "reclaim"])
def test_a_requeued_job_keeps_its_place(services: Services, queue_for: QueueFor, end: str) -> None:
    """A job whose worker was stopped or lost is next again, before other keys that wait."""
    first, *others = [queue_for(name) for name in "aab"]
    claim = services.claims.acquire(max_running=1)
    assert claim
    if end == "release":
        services.workers.release(claim)
    else:
        services.claims.reclaim(claim, max_attempts=3, failure=ENDED)
    assert positions(services, [first, *others]) == [1, 3, 2]
    assert trained(services, slots=1) == [first, others[1], others[0]]


def test_a_resumed_job_keeps_its_place_among_its_keys_jobs(services: Services, queue_for: QueueFor) -> None:
    """A job that was paused while it waited is before its key's younger jobs when it is resumed."""
    first, second = queue_for("a"), queue_for("a")
    services.jobs.apply(first, "pause")
    services.jobs.apply(first, "resume")
    assert positions(services, [first, second]) == [1, 2]


#: By case: the keys of the jobs that are queued first, how many of these start, the keys of the jobs that are queued
#: after that, and by how much a position may be wrong. Keys in upper case have weight 2.
QUEUES = {
    "one key": ("aaaa", 1, "aa", 0),
    "equal keys": ("aaabbbccc", 0, "", 0),
    "the second jobs in another order": ("abccbaabc", 0, "", 1),
    "a key that has all workers": ("aaaaaa", 2, "bbbb", 0),
    "a key that has more than its part": ("aaaaaaaa", 4, "bbbbcc", 1),
    "a key that comes back": ("abc", 3, "ccbbaad", 1),
    "keys of other weights": ("AAAAAA", 1, "bbbbcc", 1),
    "a heavy key that comes later": ("bbbbbb", 3, "AAAAAA", 1),
    "with jobs without a key": ("--aa", 1, "bb--", 0),
}


@pytest.mark.parametrize("what", QUEUES)
def test_positions_come_true(services: Services, queue_for: QueueFor, what: str) -> None:
    """A job's position is the number of jobs that start until then, if jobs take equally long and no more come."""
    before, slots, after, error = QUEUES[what]
    ids = [queue_for(name) for name in before]
    running = [claim for _ in range(slots) if (claim := services.claims.acquire(max_running=slots))]
    ids += [queue_for(name) for name in after]
    for job_id, name in zip(ids, before + after, strict=True):
        if name.isupper():
            weigh(services, job_id, 2.0)
    waiting = [job_id for job_id in ids if job_id not in {claim.job_id for claim in running}]
    promised = positions(services, waiting)
    started = trained(services, slots=slots or 2, running=running)
    came = [started.index(job_id) + 1 for job_id in waiting]
    assert promised.index(1) == came.index(1)
    assert [pair for pair in zip(promised, came, strict=True) if abs((pair[0] or 0) - pair[1]) > error] == []
