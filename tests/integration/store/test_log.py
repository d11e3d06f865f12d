"""A job's event log: numbered without gaps, appended once, never changed."""

import math
from array import array
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import select

from service.composition import Services
from service.domain.claims import Claim
from service.domain.event import Event, EventType
from service.domain.history import LossChunk
from service.domain.job import Failure, Progress, Status
from service.domain.patch import JobPatch
from service.domain.worker_messages import AppliedChange, ProgressReport
from service.errors import InvalidInput, InvalidTransition
from service.store.tables import LossRow
from tests.stored import checkpoint, chunk, epoch

Queue = Callable[..., str]
Hold = Callable[..., Claim]

FAILURE = Failure(code="worker_lost", message="It is gone.")


def log(services: Services, job_id: str) -> list[Event]:
    """Return the whole log; check that it is numbered from 1 without gaps."""
    events = services.events.after(job_id, 0, limit=1000)
    assert [event.number for event in events] == list(range(1, len(events) + 1))
    return events


def statuses(services: Services, job_id: str) -> list[str]:
    """Return the statuses in the log."""
    return [event.data["status"] for event in log(services, job_id) if event.type is EventType.STATUS]


def again(services: Services, claim: Claim) -> Claim:
    """Return the next claim, after the worker of the first was lost."""
    services.claims.reclaim(claim, max_attempts=9, failure=FAILURE)
    assert services.claims.acquire(max_running=9) == replace(claim, attempt=claim.attempt + 1)
    return replace(claim, attempt=claim.attempt + 1)


def test_the_log_has_the_whole_life_of_a_job(services: Services, succeeded: Hold) -> None:
    """The log has every status, the training between them, and the checkpoint."""
    kinds = [event.type for event in log(services, succeeded().job_id)]
    assert kinds == ["status", "status", "steps", "epoch", "checkpoint", "status"]


def test_steps_that_are_trained_again_are_not_appended_again(services: Services, held: Hold) -> None:
    """Of the report of a resumed attempt, only the steps that the log lacks are appended."""
    first = held()
    services.workers.record(first, ProgressReport(chunks=[chunk(1, 4), chunk(5, 7)], epochs=[epoch(1)]))
    services.workers.add_checkpoint(first, checkpoint(first.job_id, step=4))
    second = again(services, first)
    services.workers.begin(second, threads=1, total_steps=12, from_step=4)
    services.workers.record(second, ProgressReport(chunks=[chunk(1, 4), chunk(5, 6)], epochs=[epoch(1)]))
    services.workers.record(second, ProgressReport(chunks=[chunk(7, 8)], epochs=[epoch(2)]))
    chunks = [event.data for event in log(services, first.job_id) if event.type is EventType.STEPS]
    assert [(each["first_step"], each["losses"]) for each in chunks] == [(1, [1, 2, 3, 4]), (5, [5, 6, 7]), (8, [8])]
    assert [e.data["epoch"] for e in log(services, first.job_id) if e.type is EventType.EPOCH] == [1, 2]
    assert services.history.total_steps(first.job_id) == 8


def test_diagnostics_are_read_without_the_rest_of_the_log(services: Services, held: Hold) -> None:
    """The data of the diagnostics only, oldest first, whatever the log has between them."""
    claim = held()
    found = [{"code": code, "layer": None, "step": 4, "message": "", "hint": ""} for code in ("b", "a")]
    for number, each in enumerate(found, 1):
        services.workers.record(claim, ProgressReport(epochs=[epoch(number)], diagnostics=[each]))
    assert services.events.diagnostics(claim.job_id) == found
    assert services.events.diagnostics("job_none") == []


def test_the_end_of_an_epoch_changes_no_earlier_event(services: Services, held: Hold) -> None:
    """An epoch's losses are joined into one row, and the log still shows the same chunks."""
    claim = held()
    for part in (chunk(1, 1), chunk(2, 3), chunk(4, 4)):
        services.workers.record(claim, ProgressReport(chunks=[part]))
    before = log(services, claim.job_id)
    services.workers.record(claim, ProgressReport(epochs=[epoch(1)]))
    services.workers.record(claim, ProgressReport(chunks=[chunk(5, 6)]))
    after = log(services, claim.job_id)
    assert [each.data for each in after[: len(before)]] == [each.data for each in before]
    assert [each.data["losses"] for each in after if each.type is EventType.STEPS] == [[1], [2, 3], [4], [5, 6]]
    assert [each.data for each in services.events.after(claim.job_id, 3, limit=1)] == [before[3].data]
    with services.database.read() as session:
        rows = session.execute(select(LossRow.first_step, LossRow.last_step).order_by(LossRow.last_step)).all()
    assert [tuple(row) for row in rows] == [(1, 4), (5, 6)]


def test_recording_is_idempotent(services: Services, held: Hold) -> None:
    """A worker that lost its connection during a commit may repeat the report."""
    claim = held()
    record = ProgressReport(chunks=[chunk(1, 4)], epochs=[epoch(1)], diagnostics=[{"code": "dead_layer", "step": 4}])
    services.workers.record(claim, record)
    before = log(services, claim.job_id)
    services.workers.record(claim, record)
    assert len(log(services, claim.job_id)) == len(before)


def test_nonfinite_losses_are_in_the_log(services: Services, held: Hold) -> None:
    """NaN and infinite losses are unchanged in the log."""
    claim = held()
    losses = array("f", [1.5, math.nan, math.inf])
    services.workers.record(claim, ProgressReport(chunks=[LossChunk(first_step=1, epoch=1, losses=losses)]))
    assert str(log(services, claim.job_id)[-1].data["losses"]) == "[1.5, nan, inf]"


def test_the_loss_of_a_worker_has_a_reason(services: Services, held: Hold) -> None:
    """The job is queued again, and its status event has the reason."""
    claim = held()
    again(services, claim)
    assert statuses(services, claim.job_id) == ["queued", "running", "queued", "running"]
    assert log(services, claim.job_id)[2].data["reason"] == {"code": "worker_lost", "message": "It is gone."}


def test_a_page_of_the_log(services: Services, succeeded: Hold) -> None:
    """A page has the events after a number, up to a limit."""
    events = services.events.after(succeeded().job_id, 2, limit=2)
    assert [event.number for event in events] == [3, 4]


def test_a_queued_job_is_paused_at_once(services: Services, queue: Queue) -> None:
    """No trainer claims a paused job until it is resumed."""
    job_id = queue()
    assert services.jobs.apply(job_id, "pause").status is Status.PAUSED
    assert services.claims.acquire(max_running=1) is None
    assert services.jobs.apply(job_id, "resume").status is Status.QUEUED


def test_a_running_job_is_paused_by_its_worker(services: Services, held: Hold) -> None:
    """The worker gets the instruction with its next report, saves, and ends."""
    claim = held()
    assert services.jobs.apply(claim.job_id, "pause").status is Status.PAUSING
    assert services.workers.record(claim, ProgressReport()).pause
    services.workers.release(claim)
    assert services.jobs.get(claim.job_id).status is Status.PAUSED


def test_a_job_that_is_pausing_can_be_resumed(services: Services, held: Hold) -> None:
    """If its worker has already saved, a resumed job is queued instead of paused."""
    claim = held()
    services.jobs.apply(claim.job_id, "pause")
    assert services.jobs.apply(claim.job_id, "resume").status is Status.RUNNING
    services.workers.release(claim)
    assert services.jobs.get(claim.job_id).status is Status.QUEUED


def test_a_worker_lost_while_pausing_leaves_the_job_paused(services: Services, held: Hold) -> None:
    """If its worker is lost, a job that is pausing is paused; it will resume from its last checkpoint."""
    claim = held()
    services.jobs.apply(claim.job_id, "pause")
    assert services.claims.reclaim(claim, max_attempts=3, failure=FAILURE) is Status.PAUSED


def test_a_release_loses_no_attempt(services: Services, held: Hold) -> None:
    """Restarts of the service do not count as lost workers."""
    claim = held()
    for _ in range(5):
        services.workers.release(claim)
        claim = services.claims.acquire(max_running=1) or claim
    assert services.claims.reclaim(claim, max_attempts=2, failure=FAILURE) is Status.QUEUED


def test_a_worker_with_a_new_heartbeat_is_not_lost(services: Services, held: Hold) -> None:
    """A claim is reclaimed only if its heartbeat has not changed since the trainer read it."""
    claim = held()
    last_heartbeat = services.claims.leases()[claim].heartbeat_at
    services.workers.heartbeat(claim)
    assert (
        services.claims.reclaim(claim, max_attempts=3, failure=FAILURE, last_heartbeat=last_heartbeat) is Status.RUNNING
    )


def test_a_worker_gets_a_change_until_it_has_applied_it(services: Services, held: Hold) -> None:
    """The log has the step from which a change applies, and later attempts can read it."""
    claim = held()
    patch = JobPatch.model_validate({"optimizer": {"learning_rate": 0.5}})
    assert services.jobs.update(claim.job_id, patch).config.optimizer.learning_rate == 0.5
    assert services.workers.job(claim).config.optimizer.learning_rate == 0.001
    (change,) = services.workers.record(claim, ProgressReport()).changes
    made = AppliedChange(id=change.id, step=5, learning_rate=0.5, momentum=None)
    assert services.workers.record(claim, ProgressReport(changes=[made])).changes == ()
    assert services.workers.changes(claim) == [made]
    assert log(services, claim.job_id)[-1].data == {"step": 5, "learning_rate": 0.5, "momentum": None}


def test_a_change_waits_until_new_steps_are_trained(services: Services, held: Hold) -> None:
    """A resumed attempt gets no change while it trains steps that are in the log."""
    first = held()
    services.workers.record(first, ProgressReport(chunks=[chunk(1, 8)], progress=Progress(epoch=2, step=8)))
    services.jobs.update(first.job_id, JobPatch.model_validate({"optimizer": {"momentum": 0.5}}))
    second = again(services, first)
    early = ProgressReport(chunks=[chunk(5, 6)], progress=Progress(epoch=2, step=6))
    assert services.workers.record(second, early).changes == ()
    late = ProgressReport(chunks=[chunk(7, 8)], progress=Progress(epoch=2, step=8))
    assert len(services.workers.record(second, late).changes) == 1


def test_a_job_that_never_started_starts_with_the_change(services: Services, queue: Queue) -> None:
    """The configuration of a job that never started is changed directly."""
    job_id = queue()
    services.jobs.update(job_id, JobPatch.model_validate({"optimizer": {"learning_rate": 0.5}}))
    claim = services.claims.acquire(max_running=1)
    assert claim
    assert services.workers.job(claim).config.optimizer.learning_rate == 0.5
    assert services.workers.record(claim, ProgressReport()).changes == ()


def test_name_and_metadata_change_at_any_time(services: Services, succeeded: Hold) -> None:
    """Metadata is merged key by key; null removes a key."""
    job_id = succeeded(metadata={"a": "1", "b": "2"}).job_id
    patch = JobPatch.model_validate({"name": "best", "metadata": {"a": None, "c": "3"}})
    config = services.jobs.update(job_id, patch).config
    assert (config.name, config.metadata) == ("best", {"b": "2", "c": "3"})


def test_the_optimizer_of_an_ended_job_cannot_change(services: Services, succeeded: Hold) -> None:
    """Changing the optimizer of a job that has ended is refused."""
    patch = JobPatch.model_validate({"optimizer": {"learning_rate": 0.5}})
    with pytest.raises(InvalidTransition, match="succeeded does not train any more"):
        services.jobs.update(succeeded().job_id, patch)


def test_momentum_is_refused_for_an_optimizer_without_it(services: Services, held: Hold) -> None:
    """A momentum for an optimizer without one is refused, with a JSON pointer."""
    claim = held(optimizer={"name": "adam"})
    with pytest.raises(InvalidInput, match="/optimizer/momentum"):
        services.jobs.update(claim.job_id, JobPatch.model_validate({"optimizer": {"momentum": 0.5}}))
