"""The queue of several API keys: bursts, weights, places after a pause or a loss, and positions that come true."""

from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from service.composition import Services
from service.domain.claims import Claim
from service.domain.config import JobConfig
from service.domain.forecast import Capacity
from service.domain.job import Failure
from service.domain.key import ANONYMOUS, Caller, Scope
from service.domain.listing import Listing
from service.store.jobs import places
from service.store.jobs.filters import JobFilter
from service.store.jobs.jobs import JobStore

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


def with_workers(services: Services, number: int) -> Services:
    """Return services whose jobs expect a trainer with this number of workers."""
    return replace(
        services, jobs=JobStore(services.database, capacity=Capacity(per_trainer=number), max_queued_jobs=99)
    )


def positions(services: Services, ids: Sequence[str]) -> list[int]:
    """Return the jobs' positions, which one job and the list of jobs give alike."""
    found = [services.jobs.get(job_id).queue_position or 0 for job_id in ids]
    listed = {job.id: job.queue_position for job in services.jobs.page(JobFilter(), Listing(limit=100))[0]}
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


#: The keys of the jobs that are queued first, the number of workers, the keys of the jobs that are queued when all
#: workers are busy, and the weights of keys. Without workers nothing runs yet, and two workers come later.
QueueCase = tuple[str, int, str, dict[str, float]]


def drawn(seed: int) -> QueueCase:
    """Draw a case."""
    draw = np.random.default_rng(seed)
    before, after = ("".join(draw.choice(list(keys), size=draw.integers(1, 12))) for keys in ("abc-", "abcd-"))
    weights = {name: float(draw.choice([0.3, 1, 1.5, 2, 7])) for name in "ab"}
    return before, int(draw.integers(0, 4)), after, weights


QUEUES: dict[str, QueueCase] = {
    "one key": ("aaaa", 1, "aa", {}),
    "equal keys": ("aaabbbccc", 0, "", {}),
    "the second jobs in another order": ("abccbaabc", 0, "", {}),
    "a key that has all workers": ("aaaaaa", 2, "bbbb", {}),
    "a key that has more than its part": ("aaaaaaaa", 4, "bbbbcc", {}),
    "a key that comes back": ("abc", 3, "ccbbaad", {}),
    "keys of other weights": ("aaaaaa", 1, "bbbbcc", {"a": 2}),
    "a heavy key that comes later": ("bbbbbb", 3, "aaaaaa", {"a": 5}),
    "with jobs without a key": ("--aa", 1, "bb--", {"b": 0.3}),
    **{f"drawn {seed}": drawn(seed) for seed in range(4)},
}


@pytest.mark.parametrize("what", QUEUES)
def test_positions_come_true(services: Services, queue_for: QueueFor, what: str) -> None:
    """The job at position N is the Nth that is claimed, if jobs end in the order of their start and no more come."""
    before, slots, after, weights = QUEUES[what]
    services = with_workers(services, slots or 2)
    names = {queue_for(name): name for name in before}
    running = [claim for _ in range(slots) if (claim := services.claims.acquire(max_running=slots))]
    names |= {queue_for(name): name for name in after}
    for name, job_id in {name: job_id for job_id, name in names.items() if name in weights}.items():
        weigh(services, job_id, weights[name])
    waiting = [job_id for job_id in names if job_id not in {claim.job_id for claim in running}]
    promised = dict(zip(positions(services, waiting), waiting, strict=True))
    started = trained(services, slots=slots or 2, running=running)
    assert [promised[number] for number in sorted(promised)] == started
    assert sorted(promised) == list(range(1, len(waiting) + 1))


@pytest.mark.parametrize("most_known", [1, 4])
def test_positions_beyond_the_forecast(
    services: Services, queue_for: QueueFor, monkeypatch: pytest.MonkeyPatch, most_known: int
) -> None:
    """Where the queue is longer than what the forecast reads, positions of equal keys go on without a gap."""
    monkeypatch.setattr(places, "MOST_KNOWN", most_known)
    ids = [queue_for(name) for name in "ab-" * 5]
    assert positions(services, ids) == list(range(1, 16))
