"""One attempt at a job: how it ends, which checkpoints it keeps, and which diagnostics it reports."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from service.composition import Services, compose
from service.domain.event import EventType
from service.domain.job import Job, Status
from service.domain.listing import Listing
from service.settings import Settings
from service.training.worker.threads import fair_threads
from tests.attempts import attempt, claim_next, queue

LAYERS = [
    {"units": 16, "activation": "relu", "initializer": {"name": "he_normal"}},
    {"units": 10, "activation": "softmax", "initializer": {"name": "glorot_uniform"}},
]
FIELDS: dict[str, Any] = {"network": {"layers": LAYERS}, "optimizer": {"learning_rate": 0.1}}


def trained(services: Services, **fields: Any) -> Job:
    """Return a job after one attempt."""
    job_id = queue(services, **FIELDS | fields)
    attempt(services, claim_next(services))
    return services.jobs.get(job_id)


def checkpoints(services: Services, job: Job) -> list[tuple[int | None, bool]]:
    """Return the epoch of each checkpoint and whether training can resume from it, newest first."""
    return [(each.epoch, each.resumable) for each in services.checkpoints.page(Listing(limit=100), job_id=job.id)[0]]


def diagnostics(services: Services, job: Job) -> list[dict[str, Any]]:
    """Return the diagnostics in the job's event log."""
    events = services.events.after(job.id, 0, limit=10_000)
    return [dict(each.data) for each in events if each.type == EventType.DIAGNOSTIC]


def test_early_stopping_ends_the_job_with_its_best_weights(tiny_services: Services) -> None:
    """A job whose metric does not improve ends early, reports when, and its last checkpoint is the best epoch's."""
    rule = {"monitor": "test_loss", "patience": 2, "min_delta": 1000.0}
    job = trained(tiny_services, epochs=6, early_stopping=rule)
    assert job.status is Status.SUCCEEDED
    assert job.result
    assert job.result.stopped_epoch == 3
    assert checkpoints(tiny_services, job) == [(1, False), (3, True), (2, True), (1, True)]
    last, *_, first = tiny_services.checkpoints.page(Listing(limit=100), job_id=job.id)[0]
    assert job.result.checkpoint_id == last.id
    assert last.sha256 == first.sha256
    assert job.result.test_accuracy == first.metrics["test_accuracy"]


def test_early_stopping_can_keep_the_last_weights(tiny_services: Services) -> None:
    """Without ``restore_best`` the weights of the last epoch are the result."""
    rule = {"monitor": "test_accuracy", "patience": 1, "min_delta": 1.0, "restore_best": False}
    job = trained(tiny_services, epochs=6, early_stopping=rule, checkpoint_every_epochs=6)
    assert job.result
    assert job.result.stopped_epoch == 2
    assert checkpoints(tiny_services, job) == [(2, True)]


def test_an_early_stopped_job_that_is_lost_at_its_end_trains_no_more(tiny_services: Services) -> None:
    """A worker that resumes after early stopping has ended the training takes no further step."""
    rule = {"monitor": "test_loss", "patience": 1, "min_delta": 1000.0}
    done = trained(tiny_services, epochs=6, early_stopping=rule)
    job_id = queue(tiny_services, **FIELDS, epochs=6, early_stopping=rule)
    for kill_at in range(3, 60):
        if attempt(tiny_services, claim_next(tiny_services), kill_at=kill_at) == 0:
            break
    assert tiny_services.history.total_steps(job_id) == tiny_services.history.total_steps(done.id)


def test_the_newest_and_the_best_checkpoints_are_kept(tiny_services: Services) -> None:
    """The last two of six checkpoints and the best are kept; the files of the others are removed."""
    job = trained(tiny_services, epochs=6, keep_last=2)
    kept = tiny_services.checkpoints.page(Listing(limit=100), job_id=job.id)[0]
    points = tiny_services.history.epochs(job.id)
    best = max(points, key=lambda point: (point.test_accuracy or 0, -point.epoch)).epoch
    assert {each.epoch for each in kept} == {5, 6, best}
    names = {name for each in kept for name in (each.weights_blob, each.state_blob)}
    assert tiny_services.blobs.names() == names


@pytest.mark.parametrize("blob", ["weights_blob", "state_blob"])
def test_a_corrupt_checkpoint_is_skipped(tiny_services: Services, blob: str) -> None:
    """If a bit of the newest one is flipped, the job resumes from the one before, reports it, and ends the same."""
    whole = trained(tiny_services, epochs=3)
    job_id = queue(tiny_services, **FIELDS, epochs=3)
    for _ in range(2):
        attempt(tiny_services, claim_next(tiny_services), kill_at="saved")
    flip(tiny_services, getattr(tiny_services.workers.resume_points(job_id)[0], blob))
    attempt(tiny_services, claim_next(tiny_services))
    job = tiny_services.jobs.get(job_id)
    assert job.status is Status.SUCCEEDED
    assert newest_digest(tiny_services, job) == newest_digest(tiny_services, whole)
    assert [each["code"] for each in diagnostics(tiny_services, job)] == ["checkpoint_corrupt"]


def flip(services: Services, name: str) -> None:
    """Flip a bit in the middle of a stored file."""
    data = bytearray(services.blobs.read(name))
    data[len(data) // 2] ^= 1
    services.blobs.write(name, bytes(data))


def newest_digest(services: Services, job: Job) -> str:
    """Return the digest of the last weights."""
    return services.checkpoints.page(Listing(limit=1), job_id=job.id)[0][0].sha256


def test_a_job_whose_checkpoints_are_all_corrupt_starts_again(tiny_services: Services) -> None:
    """If no checkpoint can be read, training starts from the beginning and ends with the same bytes."""
    whole = trained(tiny_services, epochs=2)
    job_id = queue(tiny_services, **FIELDS, epochs=2)
    attempt(tiny_services, claim_next(tiny_services), release_at=3)
    for point in tiny_services.workers.resume_points(job_id):
        flip(tiny_services, point.weights_blob)
    attempt(tiny_services, claim_next(tiny_services))
    assert newest_digest(tiny_services, tiny_services.jobs.get(job_id)) == newest_digest(tiny_services, whole)


def test_a_job_that_diverges_reports_the_step_and_keeps_good_checkpoints(tiny_services: Services) -> None:
    """The failure and a diagnostic name step and learning rate; every checkpoint that is kept has finite weights."""
    # A weight decay of more than 2 makes the weights grow; the warm-up keeps the first epoch finite
    optimizer = {"name": "adamw", "learning_rate": 1.0, "weight_decay": 100.0}
    schedule = {"name": "constant", "warmup_epochs": 16}
    job = trained(tiny_services, epochs=16, optimizer=optimizer, schedule=schedule)
    assert job.status is Status.FAILED
    assert job.error
    assert job.error.code == "diverged"
    (divergence,) = [each for each in diagnostics(tiny_services, job) if each["code"] == "divergence"]
    assert f"at step {divergence['step']}," in job.error.message
    assert divergence["evidence"]["learning_rate"] > 0
    kept = tiny_services.checkpoints.page(Listing(limit=100), job_id=job.id)[0]
    assert kept
    for each in kept:
        assert all(np.isfinite(weight).all() for weight in tiny_services.weights.load(each).weights)


def test_a_condition_is_reported_once_while_it_lasts(tiny_services: Services) -> None:
    """A hidden layer of zeros is reported at the start, and as a dead layer once in three epochs."""
    layers = [{"units": 8, "activation": "relu", "initializer": {"name": "zeros"}}, LAYERS[1]]
    job = trained(tiny_services, epochs=3, network={"layers": layers})
    reported = [(each["code"], each["layer"], each["epoch"], each["step"]) for each in diagnostics(tiny_services, job)]
    steps = tiny_services.history.epochs(job.id)[0].step
    assert reported[:2] == [("equal_initial_weights", 0, 1, 1), ("dead_layer", 0, 1, steps)]
    assert len({each[:2] for each in reported}) == len(reported)


#: Outputs that the loss clips, all of them: on no processor does rounding decide whether this layer learns.
BELOW_ZERO = {"name": "random_uniform", "minval": -0.1, "maxval": -0.05}
NEGATIVE = {"units": 10, "activation": "linear", "initializer": BELOW_ZERO}
SIGMOID = {"units": 16, "activation": "sigmoid", "initializer": {"name": "glorot_uniform"}}


@pytest.mark.parametrize(
    ("code", "fields"),
    [
        ("zero_learning_rate", {"optimizer": {"learning_rate": 0.0}}),
        ("missing_softmax", {"network": {"layers": [LAYERS[0], NEGATIVE]}}),
        ("vanishing_gradients", {"network": {"layers": [SIGMOID] * 7 + [LAYERS[1]]}}),
    ],
)
def test_a_job_reports_the_cause_and_that_it_learned_nothing(
    tiny_services: Services, code: str, fields: dict[str, Any]
) -> None:
    """The first report names the cause and advises a change; the last says that the accuracy is that of chance."""
    first, *_, last = diagnostics(tiny_services, trained(tiny_services, epochs=1, **fields))
    assert (first["code"], first["epoch"]) == (code, 1)
    assert first["advice"]
    assert (last["code"], last["advice"]) == ("chance_level", {})
    assert last["evidence"]["accuracy"] <= last["evidence"]["limit"]


def test_a_good_job_gets_no_diagnostics(tiny_services: Services) -> None:
    """A network that learns well has no diagnostics."""
    assert diagnostics(tiny_services, trained(tiny_services, epochs=2)) == []


def test_a_paused_job_has_a_checkpoint_of_its_last_step(tiny_services: Services) -> None:
    """When a job is paused, its worker saves a checkpoint of the last step and ends."""
    job_id = queue(tiny_services, **FIELDS, epochs=2)
    claim = claim_next(tiny_services)
    tiny_services.jobs.apply(job_id, "pause")
    attempt(tiny_services, claim)
    assert tiny_services.jobs.get(job_id).status is Status.PAUSED
    (saved,) = tiny_services.workers.resume_points(job_id)
    assert saved.step
    assert saved.step == tiny_services.history.total_steps(job_id)


def test_a_job_has_the_threads_in_the_settings(tmp_path: Path) -> None:
    """Without a setting, a lone job has all cores, and one of several has an equal share."""
    chosen = compose(Settings(data_dir=tmp_path, threads_per_job=3))
    assert fair_threads(chosen) == 3
    chosen.close()
    left_open = compose(Settings(data_dir=tmp_path, max_running_jobs=1024))
    queue(left_open)
    assert fair_threads(left_open) == (os.cpu_count() or 1)
    queue(left_open)
    assert fair_threads(left_open) == 1
    left_open.close()
