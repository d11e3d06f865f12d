"""A trainer claims what it can start at once, one job at a time."""

import threading
from dataclasses import replace

import pytest

from service.composition import Services, compose
from service.domain.claims import Claim, ProcessName
from service.domain.job import Status
from service.domain.listing import Listing
from service.settings import Settings
from service.store.jobs.filters import JobFilter
from service.training.failures import NODE_LOST_STATUS, UNAVAILABLE_STATUS
from service.training.processes import this_process
from service.training.trainer import starting, trainer
from service.training.trainer.trainer import Trainer
from tests.attempts import queue
from tests.servers import PATIENCE_S, until

WORKER = ProcessName(host="elsewhere", boot="b", namespace="c", pid=3, started=4)


class Slots:
    """An executor that starts no process: a claim takes a slot until the test ends it."""

    def __init__(self, most: int = 2, *, ready: bool = True) -> None:
        self.most, self.ready = most, ready
        self.claims: list[Claim] = []
        self.exit_codes: dict[Claim, int | None] = {}

    def warm_up(self) -> None:
        """Prepare nothing."""

    def room(self) -> int:
        """Return the number of free slots, if the test lets it start workers."""
        return self.most - len(self.claims) if self.ready else 0

    def start(self, claim: Claim) -> None:
        """Take a slot."""
        self.claims.append(claim)

    def ended(self) -> list[tuple[Claim, int | None]]:
        """Return the claims that the test has ended, and free their slots."""
        ended = [(claim, self.exit_codes.pop(claim)) for claim in self.claims if claim in self.exit_codes]
        self.claims = [claim for claim in self.claims if claim not in dict(ended)]
        return ended

    def running(self) -> int:
        """Return the number of taken slots."""
        return len(self.claims)

    def abandon(self, claim: Claim) -> None:
        """Free the slot of a lost claim."""
        self.claims = [each for each in self.claims if each != claim]

    def terminate(self) -> None:
        """End nothing."""

    def kill(self) -> None:
        """End nothing."""


def polls(services: Services, executor: Slots, count: int) -> Trainer:
    """Poll with a new trainer until it has claimed *count* jobs, and once more."""
    polling = Trainer(services, executor)
    for _ in range(1000):
        polling.poll()
        if len(executor.claims) >= count:
            break
    polling.poll()
    return polling


def test_a_trainer_claims_one_job_and_pauses(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other trainers on the same database claim meanwhile."""
    monkeypatch.setattr(trainer, "PAUSE_AFTER_CLAIM_S", 60)
    for _ in range(3):
        queue(services)
    executor = Slots()
    polls(services, executor, 1)
    assert len(executor.claims) == 1


def test_a_trainer_counts_its_own_jobs(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of two trainers fills its own two slots, although the other one has filled its own."""
    monkeypatch.setattr(trainer, "PAUSE_AFTER_CLAIM_S", 0)
    two = compose(Settings(data_dir=services.settings.data_dir, max_running_jobs=2))
    for _ in range(5):
        queue(services)
    executors = Slots(), Slots()
    for executor in executors:
        polls(two, executor, 2)
    assert [len(executor.claims) for executor in executors] == [2, 2]
    two.close()


def test_a_cap_over_all_trainers(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the cap reached, a trainer with free slots claims nothing."""
    monkeypatch.setattr(trainer, "PAUSE_AFTER_CLAIM_S", 0)
    capped = compose(Settings(data_dir=services.settings.data_dir, max_running_jobs=2, max_running_jobs_in_all=3))
    for _ in range(5):
        queue(services)
    first, second = Slots(), Slots()
    polls(capped, first, 2)
    polls(capped, second, 1)
    assert (len(first.claims), len(second.claims)) == (2, 1)
    capped.close()


def test_a_trainer_that_is_not_ready_claims_nothing(services: Services) -> None:
    """While it imports TensorFlow, a job in the queue may be another trainer's."""
    queue(services)
    executor = Slots(ready=False)
    polling = Trainer(services, executor)
    for _ in range(5):
        polling.poll()
    assert services.jobs.page(JobFilter(statuses=[Status.QUEUED]), Listing(limit=1))[0]
    executor.ready = True
    for _ in range(1000):
        polling.poll()
        if executor.claims:
            break
    assert executor.claims


def test_a_sweep_that_hangs_delays_no_claim(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store may take long to list its files; the trainer claims meanwhile, and stops without waiting for it."""
    lists, answers, stopped = threading.Event(), threading.Event(), threading.Event()

    def hang() -> set[str]:
        lists.set()
        answers.wait(PATIENCE_S)
        return set()

    monkeypatch.setattr(services.blobs, "names", hang)
    executor = Slots()
    running = threading.Thread(target=Trainer(services, executor).run, args=(stopped,))
    running.start()
    assert lists.wait(PATIENCE_S)
    queue(services)
    until(lambda: executor.claims, what="a claim")
    executor.exit_codes = dict.fromkeys(executor.claims, UNAVAILABLE_STATUS)
    stopped.set()
    running.join(PATIENCE_S)
    assert not running.is_alive()
    answers.set()


def test_a_trainer_sends_heartbeats_until_its_worker_does(services: Services) -> None:
    """A worker may take longer than its lease to its first heartbeat; after it, only its own heartbeats count."""
    hasty = compose(Settings(data_dir=services.settings.data_dir, worker_timeout_s=0.5))
    job_id = queue(hasty)
    executor = Slots()
    polling = polls(hasty, executor, 1)
    executor.ready = False
    claim = executor.claims[0]
    for _ in range(10):  # twice the lease
        before = hasty.claims.leases()[claim]
        until(lambda before=before: hasty.claims.leases()[claim] != before, what="a heartbeat")  # type: ignore[misc]  # bound early
        polling.poll()
    assert hasty.jobs.get(job_id).status is Status.RUNNING
    hasty.workers.heartbeat(claim, process=WORKER)
    until(lambda: polling.poll() or hasty.jobs.get(job_id).status is Status.QUEUED, what="the end of the lease")
    hasty.close()


def test_a_worker_that_never_starts_costs_no_attempt(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cluster may have no room after all: nothing more is claimed, and in the end the job is queued again."""
    monkeypatch.setattr(starting, "LONGEST_START_S", 1.0)
    monkeypatch.setattr(starting, "SLOW_S", 0.0)
    hasty = compose(Settings(data_dir=services.settings.data_dir, worker_timeout_s=0.5))
    first, second = queue(hasty), queue(hasty)
    executor = Slots()
    polling = polls(hasty, executor, 1)
    assert hasty.jobs.get(second).status is Status.QUEUED
    executor.ready = False
    until(lambda: polling.poll() or hasty.jobs.get(first).status is Status.QUEUED, what="the end of the lease")
    assert ("lost", "worker_lost") not in hasty.metrics.read().counts
    hasty.close()


@pytest.mark.parametrize("status", [UNAVAILABLE_STATUS, NODE_LOST_STATUS])
def test_the_exit_status_of_a_worker_without_a_store_costs_no_attempt(services: Services, status: int) -> None:
    """Its job is queued again, as after the loss of a node; any other exit status counts as a lost worker."""
    job_id = queue(services)
    executor = Slots()
    polling = polls(services, executor, 1)
    executor.exit_codes, executor.ready = {executor.claims[0]: status}, False
    polling.poll()
    assert services.jobs.get(job_id).status is Status.QUEUED
    assert ("lost", "worker_lost") not in services.metrics.read().counts


@pytest.mark.parametrize("has_begun", [False, True])
def test_a_trainer_that_is_killed_before_its_worker_begins_costs_no_attempt(
    services: Services, *, has_begun: bool
) -> None:
    """Nothing has read the job, so it is queued again; once the worker has sent a heartbeat, it counts as lost."""
    job_id, here = queue(services), this_process()
    assert here
    claim = services.claims.acquire(max_running=1, process=replace(here, started=1))
    assert claim
    if has_begun:
        services.workers.heartbeat(claim, process=replace(here, started=2))
    Trainer(services, Slots(ready=False)).poll()
    assert services.jobs.get(job_id).status is Status.QUEUED
    assert (("lost", "worker_lost") in services.metrics.read().counts) is has_begun
