"""Jobs by the client: create, list, watch, change, compare, delete."""

import importlib
import pickle
import sys
from datetime import datetime

import pytest

from naivenet_client import (
    CheckpointEvent,
    Client,
    Conflict,
    EpochEvent,
    InvalidInput,
    Job,
    JobFailed,
    NotFound,
    StatusEvent,
    StepsEvent,
    Timeout,
)
from tests.servers import OVERFLOWING

LONG = {"dataset": "tiny", "epochs": 1000, "seed": 1}


def test_a_job_is_created_and_waited_for(naive: Client) -> None:
    """`create` returns a job with typed attributes, and `wait` brings it up to date."""
    job = naive.jobs.create(dataset="tiny", epochs=1, seed=1, name="waited for", metadata={"course": "client"})
    assert (job.name, job.epochs, job.optimizer["name"], job.network.layers[0].units) == ("waited for", 1, "sgd", 512)
    assert isinstance(job.created_at, datetime)
    assert job.wait(progress=False) is job
    assert job.has_ended
    assert job.result
    assert 0 <= (job.result.test_accuracy or -1) <= 1


def test_fields_override_a_configuration(naive: Client) -> None:
    """A configuration can be a mapping, and fields by name override it; validating starts no job."""
    resolved = naive.jobs.validate({"preset": "accurate", "epochs": 3}, epochs=4)
    assert (resolved.preset, resolved.epochs) == ("accurate", 4)
    assert resolved.estimate
    assert resolved.estimate.seconds > 0


def test_one_idempotency_key_starts_one_job(naive: Client) -> None:
    """Two calls with the same Idempotency-Key return the same job."""
    jobs = [naive.jobs.create(dataset="tiny", epochs=1, idempotency_key="same") for _ in range(2)]
    assert jobs[0].id == jobs[1].id


def test_lists_load_their_pages(naive: Client, job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    """Iterating over a list reads page after page, each job once; filters and a limit hold."""
    for _ in range(3):
        naive.jobs.create(dataset="tiny", epochs=1, group="client pages").cancel()
    monkeypatch.setattr("naivenet_client._sync.pages.PAGE_SIZE", 2)
    ids = [each.id for each in naive.jobs.list(group="client pages")]
    assert len(set(ids)) == len(ids) == 3
    assert ids == sorted(ids, reverse=True)
    assert len(naive.jobs.list(group="client pages", limit=1).all()) == 1
    upwards = naive.jobs.list(
        group="client pages", order="asc", status=["queued", "cancelling", "cancelled"], after=ids[-1]
    )
    assert [each.id for each in upwards] == ids[1::-1]
    assert naive.jobs.cancel(group="client pages", status=["succeeded", "failed"]) == ()
    assert [each.id for each in naive.jobs.list(ids=ids[1:])] == ids[1:]
    assert naive.jobs.cancel(ids=[]) == ()
    later = naive.jobs.list(group="client pages", created_after=naive.jobs.get(ids[1]).created_at)
    assert [each.id for each in later] == ids[:1]
    labelled = naive.jobs.list(metadata={"course": "spring"}, status="succeeded").all()  # forks have the labels, too
    assert job.id in [each.id for each in labelled]
    assert all((each.metadata["course"], each.status) == ("spring", "succeeded") for each in labelled)


def test_events_are_typed_and_complete(job: Job) -> None:
    """The events of a job that has ended come in order, without a gap, and end with its terminal status."""
    events = list(job.events())
    assert [event.number for event in events] == list(range(1, len(events) + 1))
    assert {type(event) for event in events} >= {StatusEvent, StepsEvent, EpochEvent, CheckpointEvent}
    assert all(set(event.data) <= set(event.__struct_fields__) for event in events)
    last = events[-1]
    assert isinstance(last, StatusEvent)
    assert last.is_last
    steps = [event for event in events if isinstance(event, StepsEvent)]
    assert [loss for event in steps for loss in event.losses] == job.history().losses


def test_events_after_a_number(job: Job) -> None:
    """`after` skips what was read before; after the last event there is nothing."""
    numbers = [event.number for event in job.events(after=3)]
    assert numbers[0] == 4
    assert list(job.events(after=numbers[-1])) == []


def test_history_by_step_and_epoch(job: Job) -> None:
    """The history has each step's loss or each epoch's metrics, can be thinned, and becomes a table."""
    steps, epochs = job.history(), job.history("epoch")
    assert steps.steps == list(range(1, steps.total_points + 1))
    assert epochs.points[-1].test_accuracy == job.result.test_accuracy  # type: ignore[union-attr]  # it succeeded
    assert job.history(max_points=8).sampled
    assert list(steps.to_pandas().columns) == ["step", "epoch", "loss"]
    assert len(epochs.to_pandas()) == 2


def test_a_notebook_shows_a_job_with_its_losses(naive: Client, job: Job) -> None:
    """A job's display has its status and a curve; a list is a table, and a comparison too."""
    assert "succeeded" in job._repr_html_()
    assert "<svg" in job._repr_html_()
    assert "<svg" in job.history()._repr_html_()
    assert job.id in naive.jobs.list(group="shared").all()._repr_html_()
    assert "/optimizer/learning_rate" in naive.jobs.compare([job, other(naive)])._repr_html_()


def test_a_running_job_is_changed_paused_and_resumed(naive: Client) -> None:
    """A job takes a new name and learning rate while it trains; pausing, resuming and cancelling work."""
    job = naive.jobs.create(**LONG)
    next(event for event in job.events() if isinstance(event, StepsEvent))
    assert job.update(name="slower", learning_rate=0.0001, metadata={"a": "b"}).name == "slower"
    with pytest.raises(Conflict) as raised:
        job.delete()
    assert raised.value.code == "invalid_transition"
    job.pause()
    next(event for event in job.events() if isinstance(event, StatusEvent) and event.status == "paused")
    assert job.refresh().status == "paused"
    assert job.resume().status in {"queued", "running"}
    assert job.cancel().wait(progress=False).status == "cancelled"
    job.delete()
    with pytest.raises(NotFound):
        job.refresh()


def test_a_wait_ends_in_time(naive: Client) -> None:
    """After its timeout, `wait` raises, and the job continues."""
    job = naive.jobs.create(**LONG)
    with pytest.raises(Timeout, match="continues"):
        job.wait(progress=False, timeout=0.3)
    assert not job.refresh().has_ended
    job.cancel()


def test_a_failed_job_is_raised(naive: Client) -> None:
    """`wait` raises JobFailed with the job and its reason, which can be pickled."""
    job = naive.jobs.create({"dataset": "tiny", "epochs": 1, "seed": 1, **OVERFLOWING})
    with pytest.raises(JobFailed, match="diverged") as raised:
        job.wait(progress=False)
    assert raised.value.job is job
    assert str(pickle.loads(pickle.dumps(raised.value))) == str(raised.value)  # noqa: S301  # our own
    events = list(job.events())
    assert any(event.nonfinite for event in events if isinstance(event, StepsEvent))
    assert all(set(event.data) <= set(event.__struct_fields__) for event in events)


def test_a_fork_continues_from_a_job(naive: Client, job: Job) -> None:
    """A fork names its parent and takes over its configuration."""
    fork = job.fork(epochs=1, name="finer")
    assert (fork.parent_id, fork.name, fork.optimizer["name"]) == (job.id, "finer", "adam")
    fork.cancel()


def test_a_bad_configuration_names_its_fields(naive: Client) -> None:
    """InvalidInput has a pointer for each mistake, and shows them."""
    with pytest.raises(InvalidInput) as raised:
        naive.jobs.create(epochs=0, batch_size=-1)
    error = raised.value
    assert {each.pointer for each in error.errors} == {"/epochs", "/batch_size"}
    assert error.request_id
    assert "/epochs" in str(error)
    assert (error.status, error.code) == (422, "invalid_input")


def test_a_job_shows_its_progress(
    naive: Client, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a terminal, `wait` shows a bar with the steps, the loss and the accuracy; in a log file, nothing."""
    importlib.import_module("ipykernel")  # a program may use Jupyter's packages without being a notebook
    job = naive.jobs.create(dataset="tiny", epochs=1, seed=1).wait()
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    job.wait()
    shown = capsys.readouterr().err
    assert "succeeded: 100%" in shown
    assert "loss=" in shown


def test_jobs_are_compared(naive: Client, job: Job) -> None:
    """A comparison has the jobs' metrics and the fields in which they differ, a chart, and its points."""
    second = other(naive)
    comparison = naive.jobs.compare([job, second.id])
    assert [each.id for each in comparison.jobs] == [job.id, second.id]
    assert "/optimizer/learning_rate" in {each.pointer for each in comparison.differences}
    assert "<svg" in naive.jobs.plot([job, second], "test_accuracy").svg
    curves = naive.jobs.curves([job, second], x="images", max_points=8)
    assert (curves.x, [each.jobs for each in curves.curves]) == ("images", [(job.id,), (second.id,)])
    assert all(0 < len(each.x) == len(each.y) == len(each.losses) <= 8 for each in curves.curves)


def other(naive: Client) -> Job:
    """Return a second job, which differs from the shared one."""
    fields = {"dataset": "tiny", "epochs": 1, "seed": 1, "optimizer": {"name": "sgd", "learning_rate": 0.1}}
    return naive.jobs.create(fields, idempotency_key="the other").wait(progress=False)
