"""Experiments as rows: their jobs are queued together, yield to others, and say how far they are."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from service.composition import Services
from service.domain.claims import Claim
from service.domain.config import LARGEST_INTEGER, JobConfig
from service.domain.experiment import Arm, Design, Experiment, ExperimentStatus
from service.domain.job import Failure, Status
from service.domain.key import Caller, Scope
from service.domain.listing import Listing
from service.domain.worker_messages import ProgressReport
from service.errors import Conflict, IdempotencyConflict, InvalidInput, NotFound, QueueFull, QuotaExceeded
from service.jobs.experiments.giving_up import give_up_hopeless_arms
from service.jobs.experiments.results import reasons, result_of
from service.store import ExperimentStore
from service.store.idempotency import IdempotencyKey
from service.store.jobs.filters import JobFilter
from service.training.trainer import hopeless_arms
from tests.stored import STEPS_PER_EPOCH, checkpoint, chunk, epoch

FAILURE = Failure(code="diverged", message="The loss is not finite.")


def arm(name: str, **fields: int) -> Arm:
    """Return an arm that trains for one epoch."""
    return Arm(name=name, config=JobConfig(epochs=1, **fields).model_dump(mode="json"))


DESIGN = Design(arms=(arm("A"), arm("B", batch_size=64)), seeds=(1, 2, 3))


def started(services: Services) -> list[tuple[str | None, int | None]]:
    """Start all queued jobs; return the arm and the seed of each."""
    jobs = []
    while claim := services.claims.acquire(max_running=100):
        job = services.jobs.get(claim.job_id)
        jobs.append((job.arm, job.config.seed))
    return jobs


def fail_all(services: Services) -> None:
    """Start all queued jobs, and let them fail."""
    while claim := services.claims.acquire(max_running=100):
        services.workers.fail(claim, FAILURE)


def succeed(services: Services, claim: Claim) -> None:
    """Let a job succeed after one epoch."""
    services.workers.begin(claim, threads=1, total_steps=STEPS_PER_EPOCH, from_step=0)
    services.workers.record(claim, ProgressReport(chunks=[chunk(1, STEPS_PER_EPOCH)], epochs=[epoch(1)]))
    services.workers.add_checkpoint(claim, checkpoint(claim.job_id, step=STEPS_PER_EPOCH, accuracy=0.5))
    services.workers.succeed(claim)


def test_the_jobs_of_an_experiment_start_in_pairs(services: Services) -> None:
    """Of each seed all arms start before the next seed, and each job shows its experiment and its arm."""
    experiment = services.experiments.create(DESIGN, name="batches")
    jobs, _ = services.jobs.page(JobFilter(experiment_id=experiment.id), Listing())
    assert {job.experiment_id for job in jobs} == {experiment.id}
    assert {job.config.name for job in jobs} == {"A", "B"}
    assert sorted(job.queue_position or 0 for job in jobs) == [1, 2, 3, 4, 5, 6]
    assert started(services) == [("A", 1), ("B", 1), ("A", 2), ("B", 2), ("A", 3), ("B", 3)]


@pytest.mark.parametrize("same_key", [True, False])
def test_an_experiment_yields_to_other_jobs(services: Services, *, same_key: bool) -> None:
    """A job that is queued after an experiment starts before all its jobs that have not started; positions say so."""
    ada, bob = (services.keys.create(name, [Scope.TRAIN])[0].caller for name in ("ada", "bob"))
    services.experiments.create(DESIGN, caller=ada)
    services.claims.acquire(max_running=100)
    single = services.jobs.create(JobConfig(), caller=ada if same_key else bob)
    jobs, _ = services.jobs.page(JobFilter(statuses=[Status.QUEUED]), Listing(descending=False))
    assert single.queue_position == 1
    assert [job.queue_position for job in jobs] == [2, 3, 4, 5, 6, 1]
    claim = services.claims.acquire(max_running=100)
    assert claim is not None
    assert claim.job_id == single.id


def test_two_keys_take_turns_with_their_experiments(services: Services) -> None:
    """The experiments of two keys share the workers, as their other jobs do."""
    callers = [services.keys.create(name, [Scope.TRAIN])[0].caller for name in ("ada", "bob")]
    first, second = (services.experiments.create(DESIGN, caller=caller).id for caller in callers)
    claims = [services.claims.acquire(max_running=100) for _ in range(4)]
    assert [services.jobs.get(claim.job_id).experiment_id for claim in claims if claim] == [first, second] * 2


def test_the_status_follows_from_the_jobs(services: Services) -> None:
    """An experiment runs until its last job has ended, also in failure; a list filters by it."""
    experiment = services.experiments.create(DESIGN)
    assert experiment.status is ExperimentStatus.RUNNING
    assert services.experiments.ids_to_watch() == []
    fail_all(services)
    ended = services.experiments.get(experiment.id)
    assert (ended.status, ended.jobs) == (ExperimentStatus.SUCCEEDED, {Status.FAILED: 6})
    assert ended.finished_at is not None
    listed = {status: services.experiments.page(Listing(), status=status)[0] for status in ExperimentStatus}
    assert listed == {"running": [], "succeeded": [ended], "cancelled": []}


def test_the_outcomes_name_failures(services: Services) -> None:
    """Each job of the experiment is there, with its arm, its seed and why it failed."""
    experiment = services.experiments.create(DESIGN)
    fail_all(services)
    _, outcomes = services.experiments.outcomes(experiment.id)
    assert [(each.arm, each.seed, each.error) for each in outcomes] == [
        (name, seed, FAILURE) for seed in (1, 2, 3) for name in "AB"
    ]


def test_more_seeds_follow_the_largest_one(services: Services) -> None:
    """Added seeds run in all arms that were not given up, and are counted as a look if a job had ended."""
    experiment = services.experiments.create(DESIGN)
    assert services.experiments.add_seeds(experiment.id, 1).looks == 0
    fail_all(services)
    services.experiments.stop_arms(experiment.id, {"B": {"leader": "A"}})
    longer = services.experiments.add_seeds(experiment.id, 2)
    assert (longer.looks, longer.design.seeds, longer.status) == (1, (1, 2, 3, 4, 5, 6), ExperimentStatus.RUNNING)
    assert started(services) == [("A", 5), ("A", 6)]


def test_no_seed_is_larger_than_that_of_a_job(services: Services) -> None:
    """Seeds that a job cannot have are refused, with a pointer."""
    experiment = services.experiments.create(replace(DESIGN, seeds=(LARGEST_INTEGER - 1,)))
    with pytest.raises(InvalidInput, match="no 2 more") as raised:
        services.experiments.add_seeds(experiment.id, 2)
    assert [error.pointer for error in raised.value.errors] == ["/add"]
    assert services.experiments.add_seeds(experiment.id, 1).design.seeds == (LARGEST_INTEGER - 1, LARGEST_INTEGER)


def test_experiments_to_watch_run_and_give_up_arms(services: Services) -> None:
    """Only experiments that ask for it are watched, until they have ended."""
    services.experiments.create(DESIGN)
    watched = services.experiments.create(replace(DESIGN, stop_hopeless=True))
    assert services.experiments.ids_to_watch() == [watched.id]
    fail_all(services)
    assert services.experiments.ids_to_watch() == []


def test_a_hopeless_arm_is_given_up(services: Services) -> None:
    """An arm that diverged on each of the first seeds gets no further jobs, and the result says why."""
    design = replace(DESIGN, seeds=tuple(range(1, 9)), stop_hopeless=True)
    experiment = services.experiments.create(design)
    assert give_up_hopeless_arms(services, experiment.id) == []
    for _ in range(8):
        claim = services.claims.acquire(max_running=100)
        assert claim
        if services.jobs.get(claim.job_id).arm == "A":
            succeed(services, claim)
        else:
            services.workers.fail(claim, FAILURE)
    hopeless_arms.poll(services)
    assert set(services.experiments.get(experiment.id).stopped) == {"B"}
    assert {arm for arm, _ in started(services)} == {"A"}
    result = result_of(services, experiment.id)
    assert result.analysis.arms[1].arm.count("stopped") == 4
    assert "B" in reasons(result.experiment, result.analysis.question, "es")["B"]


def test_a_repeated_request_adds_nothing(services: Services) -> None:
    """The same idempotency key gives the same experiment, and adds seeds once; with another body it is refused."""
    key, more = IdempotencyKey(key="k", digest="a"), IdempotencyKey(key="more", digest="b")
    experiment = services.experiments.create(DESIGN, key)
    assert services.experiments.create(DESIGN, key).id == experiment.id
    with pytest.raises(IdempotencyConflict):
        services.experiments.create(DESIGN, replace(key, digest="x"))
    for _ in range(2):
        assert len(services.experiments.add_seeds(experiment.id, 1, more).design.seeds) == 4


def test_a_cancelled_experiment_gets_no_more_seeds(services: Services) -> None:
    """It stays cancelled once its jobs have ended, and refuses more."""
    experiment = services.experiments.create(DESIGN)
    services.experiments.mark_cancelled(experiment.id)
    for job_id in services.jobs.ids(JobFilter(experiment_id=experiment.id), limit=10)[0]:
        services.jobs.cancel(job_id)
    assert services.experiments.get(experiment.id).status is ExperimentStatus.CANCELLED
    with pytest.raises(Conflict, match="cancelled"):
        services.experiments.add_seeds(experiment.id, 1)


def test_an_experiment_goes_with_its_last_job(services: Services) -> None:
    """A job can be deleted alone; with the last one the experiment is gone."""
    experiment = services.experiments.create(replace(DESIGN, seeds=(1,)))
    fail_all(services)
    first, second = services.jobs.ids(JobFilter(experiment_id=experiment.id), limit=10)[0]
    services.jobs.delete(first)
    assert services.experiments.get(experiment.id).jobs == {Status.FAILED: 1}
    services.jobs.delete(second)
    with pytest.raises(NotFound, match="experiment"):
        services.experiments.get(experiment.id)


Adding = Callable[[ExperimentStore, Caller], Experiment]


def store_of(services: Services) -> ExperimentStore:
    """Return a store with small limits."""
    return ExperimentStore(services.database, max_jobs=20, max_queued_jobs=100, max_of_one_key=20)


@pytest.mark.parametrize(
    ("adding", "error"),
    [
        (lambda store, caller: store.create(replace(DESIGN, seeds=tuple(range(99))), caller=caller), QueueFull),
        (lambda store, caller: store.create(replace(DESIGN, seeds=tuple(range(5))), caller=caller), QuotaExceeded),
        (lambda store, caller: store.add_seeds(store.create(DESIGN, caller=caller).id, 9, caller=caller), InvalidInput),
    ],
    ids=["queue", "quota", "limit"],
)
def test_beyond_a_limit_nothing_is_queued(services: Services, adding: Adding, error: type[Exception]) -> None:
    """An experiment that does not fit whole into the queue, the quota of its key or its limit queues no more job."""
    caller = services.keys.create("ada", [Scope.TRAIN])[0].caller
    assert caller.id
    services.keys.allow(caller.id, {"jobs_per_day": 8})
    with pytest.raises(error):
        adding(store_of(services), caller)
    assert services.jobs.active() in {0, DESIGN.jobs}


def test_jobs_of_experiments_take_no_place_of_other_jobs(services: Services) -> None:
    """They do not count as the queued jobs of a key, which may queue as many others as without them."""
    caller = services.keys.create("ada", [Scope.TRAIN])[0].caller
    services.experiments.create(DESIGN, caller=caller)
    assert services.jobs.queued(caller.id) == 0
    assert services.jobs.active() == DESIGN.jobs


def test_the_experiments_of_one_key_leave_room_for_others(services: Services) -> None:
    """A key whose experiments fill its part of the queue is refused; another key is not."""
    ada, bob = (services.keys.create(name, [Scope.TRAIN])[0].caller for name in ("ada", "bob"))
    store = store_of(services)
    for _ in range(3):
        store.create(DESIGN, caller=ada)
    with pytest.raises(QueueFull, match=r"18 jobs of this key's experiments are waiting, and 6 more .* limit of 20"):
        store.create(DESIGN, caller=ada)
    assert store.create(DESIGN, caller=bob).design.jobs == DESIGN.jobs
