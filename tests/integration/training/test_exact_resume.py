"""An interrupted job ends as an uninterrupted one: the same weights, losses, epochs, diagnostics and changes."""

import signal
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from sqlalchemy import update

from service.composition import Services
from service.domain.dataset import Sample
from service.domain.event import EventType
from service.domain.ids import new_id
from service.domain.job import Job, Status
from service.domain.listing import Listing
from service.jobs.datasets import collecting
from service.jobs.teaching import resolve_teaching
from service.store.tables import ChangeRow, JobRow
from service.training.failures import lost_worker
from tests.attempts import Writes, attempt, claim_next, queue

SMALL = {
    "network": {
        "layers": [
            {"units": 24, "activation": "relu", "initializer": {"name": "he_normal"}},
            {"units": 10, "activation": "softmax", "initializer": {"name": "glorot_uniform"}},
        ]
    },
    "epochs": 3,
    "batch_size": 96,  # of 1,800 images: the last batch is short
    "shuffle": True,
    "validation_split": 0.1,
}
ADAM = {"name": "adam", "learning_rate": 0.01}
JOBS: dict[str, dict[str, Any]] = {
    "adam, cosine": {
        **SMALL,
        "optimizer": {"name": "adam", "learning_rate": 0.01},
        "schedule": {"name": "cosine", "warmup_epochs": 0.5},
        "keep_last": 1,
    },
    "augmented": {**SMALL, "augment": {"rotation": 20}, "optimizer": {"name": "sgd", "learning_rate": 0.05}},
    "bfloat16": {**SMALL, "precision": "bfloat16", "optimizer": ADAM},
    "momentum, early stopping": {
        **SMALL,
        "epochs": 6,
        "optimizer": {"name": "sgd", "learning_rate": 0.05, "momentum": 0.9},
        "schedule": {"name": "step", "every_epochs": 1, "factor": 0.5},
        "early_stopping": {"monitor": "validation_loss", "patience": 1, "min_delta": 0.05},
        "checkpoint_every_epochs": 2,
    },
    "all-equal weights": {
        **SMALL,
        "network": {
            "layers": [
                {"units": 8, "activation": "relu", "initializer": {"name": "zeros"}},
                {"units": 10, "activation": "softmax", "initializer": {"name": "glorot_uniform"}},
            ]
        },
    },
}


def outcome(services: Services, job_id: str) -> dict[str, Any]:
    """Return all that must be equal: the weights, and the event log without times and without the grouping of steps."""
    newest = services.checkpoints.page(Listing(limit=1), job_id=job_id)[0][0]
    events = services.events.after(job_id, 0, limit=100_000)
    of = {kind: [dict(each.data) for each in events if each.type == kind] for kind in EventType}
    for epoch in of[EventType.EPOCH]:
        del epoch["seconds"]
    result = services.jobs.get(job_id).result
    assert [each.number for each in events] == list(range(1, len(events) + 1))
    return {
        "weights": services.weights.read(newest),
        "losses": [(chunk["epoch"], loss) for chunk in of[EventType.STEPS] for loss in chunk["losses"]],
        "epochs": of[EventType.EPOCH],
        "diagnostics": of[EventType.DIAGNOSTIC],
        "changes": [(each["step"], each["learning_rate"], each["momentum"]) for each in of[EventType.CHANGE]],
        "checkpoint": (newest.step, newest.epoch, newest.resumable, newest.metrics),
        "stopped": result.stopped_epoch if result else None,
    }


def uninterrupted(services: Services, **fields: Any) -> str:
    """Train a job without an interruption."""
    job_id = queue(services, **fields)
    assert attempt(services, claim_next(services)) == 0
    assert services.jobs.get(job_id).status is Status.SUCCEEDED
    return job_id


@pytest.mark.parametrize("job", JOBS)
def test_an_interrupted_job_ends_as_an_uninterrupted_one(tiny_services: Services, job: str) -> None:
    """Released twice and killed three times, a job ends with the same weights and the same log."""
    whole = outcome(tiny_services, uninterrupted(tiny_services, **JOBS[job]))
    job_id = queue(tiny_services, **JOBS[job])
    for ending in ({"release_at": 2}, {"kill_at": 4}, {"release_at": 7}, {"kill_at": 3}, {"kill_at": 9}, {}):
        attempt(tiny_services, claim_next(tiny_services), **ending)
        if tiny_services.jobs.get(job_id).status is Status.SUCCEEDED:
            break
    assert outcome(tiny_services, job_id) == whole


def test_a_kill_within_a_long_epoch_costs_no_more_than_the_last_automatic_checkpoint(tiny_services: Services) -> None:
    """Each attempt goes on from an automatic checkpoint of the one before, and the job ends with the same bytes.

    The losses until a checkpoint are recorded before it is saved, so a resumed log has no gap.
    """
    long = {**SMALL, "epochs": 2, "batch_size": 1, "checkpoint_every_s": 1e-6}
    whole = outcome(tiny_services, uninterrupted(tiny_services, **long | {"checkpoint_every_s": 0}))
    job_id = queue(tiny_services, **long)
    resumed_from = [0]
    for _ in range(3):
        attempt(tiny_services, claim_next(tiny_services), kill_at="saved", flush_interval_s=5)
        point, *_ = tiny_services.workers.resume_points(job_id)  # the one before is removed a moment later
        assert (point.automatic, point.epoch) == (True, 1)
        assert point.step
        assert point.step > resumed_from[-1]
        assert point.step <= tiny_services.jobs.get(job_id).progress.step
        resumed_from.append(point.step)
    assert attempt(tiny_services, claim_next(tiny_services), flush_interval_s=5) == 0
    assert outcome(tiny_services, job_id) == whole
    assert [each.automatic for each in tiny_services.workers.resume_points(job_id)] == [False, False]


def test_a_checkpoint_that_was_not_written_yet_costs_no_more_than_the_steps_since_the_one_before(
    tiny_services: Services,
) -> None:
    """Killed between the copy of the weights and its first byte, a job resumes from before, and ends with the same."""
    whole = outcome(tiny_services, uninterrupted(tiny_services, **JOBS["adam, cosine"]))
    job_id = queue(tiny_services, **JOBS["adam, cosine"])
    sequence: tuple[Writes, ...] = ("killed", "quick", "killed")
    for writes in sequence:
        before = [each.step for each in tiny_services.workers.resume_points(job_id)]
        exit_code = attempt(tiny_services, claim_next(tiny_services), kill_at="saved", writes=writes)
        assert exit_code == -signal.SIGKILL
        assert ([each.step for each in tiny_services.workers.resume_points(job_id)] == before) == (writes == "killed")
    assert attempt(tiny_services, claim_next(tiny_services)) == 0
    assert outcome(tiny_services, job_id) == whole


def test_an_attempt_that_ends_has_written_its_checkpoints(tiny_services: Services) -> None:
    """With slow writes in flight, a released and a paused job have the checkpoint of their last step, in order."""
    job = SMALL | {"checkpoint_every_s": 1e-6}
    whole = outcome(tiny_services, uninterrupted(tiny_services, **SMALL))
    job_id = queue(tiny_services, **job)
    for release_at in (3, 5, 8):
        attempt(tiny_services, claim_next(tiny_services), release_at=release_at, writes="slow")
        newest, *older = [each.step for each in tiny_services.workers.resume_points(job_id)]
        assert newest == tiny_services.jobs.get(job_id).progress.step
        assert older == sorted(older, reverse=True)
    claim = claim_next(tiny_services)
    tiny_services.jobs.apply(job_id, "pause")
    attempt(tiny_services, claim, writes="slow")
    assert tiny_services.jobs.get(job_id).status is Status.PAUSED
    tiny_services.jobs.apply(job_id, "resume")
    assert attempt(tiny_services, claim_next(tiny_services), writes="slow") == 0
    assert outcome(tiny_services, job_id) == whole


def test_kills_with_progress_between_them_are_not_counted(tiny_services: Services) -> None:
    """Killed after each of its eight checkpoints, a job that may lose one worker ends with the same bytes."""
    job = SMALL | {"epochs": 8, "checkpoint_every_epochs": 1}
    whole = outcome(tiny_services, uninterrupted(tiny_services, **job))
    job_id = queue(tiny_services, **job)
    kills = 0
    while claim := tiny_services.claims.acquire(max_running=1):
        exit_code = attempt(tiny_services, claim, kill_at="saved")
        if exit_code:
            kills += 1
            tiny_services.claims.reclaim(claim, max_attempts=2, failure=lost_worker(exit_code))
    assert tiny_services.jobs.get(job_id).status is Status.SUCCEEDED
    assert kills == 8
    assert outcome(tiny_services, job_id) == whole


def test_a_job_that_goes_on_elsewhere_reports_it(tiny_services: Services) -> None:
    """The event log names both environments and the step; the job shows the newest. The same one is not reported."""
    job_id = queue(tiny_services, **SMALL)
    for _ in range(2):
        attempt(tiny_services, claim_next(tiny_services), release_at=3)
    here = tiny_services.jobs.get(job_id).environment
    assert here
    elsewhere = asdict(replace(here, instruction_set="AVX2", variables={"TF_ENABLE_ONEDNN_OPTS": "0"}))
    with tiny_services.database.write() as session:
        session.execute(update(JobRow).values(environment=elsewhere))
    saved = tiny_services.workers.resume_points(job_id)[0]
    assert attempt(tiny_services, claim_next(tiny_services)) == 0
    assert tiny_services.jobs.get(job_id).environment == here
    events = tiny_services.events.after(job_id, 0, limit=1000)
    (moved,) = [each.data for each in events if each.data.get("code") == "environment_changed"]
    assert (moved["code"], moved["step"]) == ("environment_changed", (saved.step or 0) + 1)
    assert (moved["before"], moved["now"]) == (elsewhere, asdict(here))
    assert "TF_ENABLE_ONEDNN_OPTS=0" in moved["message"]


@pytest.mark.parametrize("kill_at", [2, 5])
def test_changes_are_applied_again_at_the_same_steps(tiny_services: Services, kill_at: int) -> None:
    """If a worker is killed before a checkpoint contains a change, the next one applies it at the same step."""
    job_id = queue(tiny_services, **JOBS["momentum, early stopping"])
    request_change(tiny_services, job_id, learning_rate=0.02, momentum=None)
    attempt(tiny_services, claim_next(tiny_services), kill_at=kill_at)
    request_change(tiny_services, job_id, learning_rate=None, momentum=0.0)
    attempt(tiny_services, claim_next(tiny_services), kill_at=kill_at + 1)
    request_change(tiny_services, job_id, learning_rate=0.1, momentum=0.5)
    assert attempt(tiny_services, claim_next(tiny_services)) == 0
    first = outcome(tiny_services, job_id)
    assert len(first["changes"]) == 3

    replayed = queue(tiny_services, **JOBS["momentum, early stopping"])
    for step, learning_rate, momentum in first["changes"]:
        request_change(tiny_services, replayed, learning_rate=learning_rate, momentum=momentum, step=step)
    assert attempt(tiny_services, claim_next(tiny_services)) == 0
    assert outcome(tiny_services, replayed) | {"changes": first["changes"]} == first


def request_change(
    services: Services, job_id: str, *, step: int | None = None, **hyperparameters: float | None
) -> None:
    """Request a change of hyperparameters, or add one that was applied at *step*."""
    with services.database.write() as session:
        count = session.query(ChangeRow).count()
        session.add(ChangeRow(id=f"change_{count:04}", job_id=job_id, step=step, **hyperparameters))


@pytest.fixture
def taught(services: Services) -> str:
    """A dataset of 20 training pictures, and a live network that started from training on MNIST for a moment."""
    pixels = np.random.default_rng(1).integers(0, 256, (20, 784), np.uint8)
    facts: dict[str, Any] = {"report": {}, "original": None, "created_at": datetime.now(UTC)}
    collecting.create(services, "mine")
    services.samples.add(
        "mine", [Sample(id=new_id("smp"), label=1, split="train", pixels=each.tobytes(), **facts) for each in pixels]
    )
    mix = [{"name": "mnist", "weight": 0.05}]
    queue(services, **SMALL | {"dataset": "mnist", "datasets": mix, "epochs": 2, "optimizer": ADAM})
    assert attempt(services, claim_next(services)) == 0
    return "mine"


def test_a_teaching_job_that_is_killed_ends_with_the_same_bytes(services: Services, taught: str) -> None:
    """Each epoch and the result have the metrics on both datasets: what was learned, and what was forgotten."""
    jobs = []
    for endings in ([{}], [{"kill_at": 2}, {"release_at": 3}, {"kill_at": 4}, {"kill_at": 6}, {}]):
        body = {"seed": 7, "optimizer": {"learning_rate": 0.5}}
        job = services.jobs.create(resolve_teaching(services, taught, body))
        for ending in endings:
            if services.jobs.get(job.id).status is not Status.SUCCEEDED:
                attempt(services, claim_next(services), **ending)
        jobs.append(services.jobs.get(job.id))
    whole, killed = (outcome(services, job.id) for job in jobs)
    assert killed == whole
    assert (jobs[1].attempt > 2, jobs[1].result) == (True, replace(jobs[0].result, **made_by(jobs[1])))
    assert jobs[0].result
    assert [(each.dataset, each.split, each.samples) for each in jobs[0].result.sets] == [
        ("mnist", "test", 10_000),
        ("mine", "train", 20),
    ]
    assert jobs[0].result.sets[1].accuracy == 1.0
    assert jobs[0].result.sets[0].accuracy == jobs[0].result.test_accuracy
    assert [[each["dataset"] for each in epoch["sets"]] for epoch in whole["epochs"]] == [["mnist", "mine"]] * 3
    assert "forgotten" in {each["code"] for each in whole["diagnostics"]}


def made_by(job: Job) -> dict[str, Any]:
    """Return the fields of a result that differ between two equal jobs."""
    assert job.result
    return {name: getattr(job.result, name) for name in ("checkpoint_id", "model_version")}
