"""A job's log: numbered without gaps, told once, never taken back."""

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
    """The whole log, which must be numbered from 1 without gaps."""
    events = services.events.after(job_id, 0, limit=1000)
    assert [event.number for event in events] == list(range(1, len(events) + 1))
    return events


def statuses(services: Services, job_id: str) -> list[str]:
    """The statuses that it tells of."""
    return [event.data["status"] for event in log(services, job_id) if event.type is EventType.STATUS]


def again(services: Services, claim: Claim) -> Claim:
    """The next attempt, after the worker of the first was lost."""
    services.claims.reclaim(claim, max_attempts=9, failure=FAILURE)
    assert services.claims.acquire(max_running=9) == replace(claim, attempt=claim.attempt + 1)
    return replace(claim, attempt=claim.attempt + 1)


def test_the_log_tells_the_whole_life(services: Services, succeeded: Hold) -> None:
    """From queued to succeeded, with what was trained in between."""
    told = [event.type for event in log(services, succeeded().job_id)]
    assert told == ["status", "status", "steps", "epoch", "checkpoint", "status"]


def test_what_is_trained_again_is_not_told_again(services: Services, held: Hold) -> None:
    """An attempt that goes on from a checkpoint tells only what the log does not have, cut to the step."""
    first = held()
    services.workers.record(first, ProgressReport(chunks=[chunk(1, 4), chunk(5, 7)], epochs=[epoch(1)]))
    services.workers.add_checkpoint(first, checkpoint(first.job_id, step=4))
    second = again(services, first)
    services.workers.begin(second, threads=1, total_steps=12, from_step=4)
    services.workers.record(second, ProgressReport(chunks=[chunk(1, 4), chunk(5, 6)], epochs=[epoch(1)]))
    services.workers.record(second, ProgressReport(chunks=[chunk(7, 8)], epochs=[epoch(2)]))
    told = [event.data for event in log(services, first.job_id) if event.type is EventType.STEPS]
    assert [(each["first_step"], each["losses"]) for each in told] == [(1, [1, 2, 3, 4]), (5, [5, 6, 7]), (8, [8])]
    assert [e.data["epoch"] for e in log(services, first.job_id) if e.type is EventType.EPOCH] == [1, 2]
    assert services.history.total_steps(first.job_id) == 8


def test_the_end_of_an_epoch_changes_nothing_that_was_told(services: Services, held: Hold) -> None:
    """Its losses become one row, and the log tells the chunks that it told before, each as it was."""
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


def test_a_record_written_twice_is_there_once(services: Services, held: Hold) -> None:
    """A worker that did not hear whether its transaction came through may repeat it."""
    claim = held()
    record = ProgressReport(chunks=[chunk(1, 4)], epochs=[epoch(1)], diagnostics=[{"code": "dead_layer", "step": 4}])
    services.workers.record(claim, record)
    before = log(services, claim.job_id)
    services.workers.record(claim, record)
    assert len(log(services, claim.job_id)) == len(before)


def test_losses_that_are_no_numbers_are_told(services: Services, held: Hold) -> None:
    """The log has them as they were."""
    claim = held()
    losses = array("f", [1.5, math.nan, math.inf])
    services.workers.record(claim, ProgressReport(chunks=[LossChunk(first_step=1, epoch=1, losses=losses)]))
    assert str(log(services, claim.job_id)[-1].data["losses"]) == "[1.5, nan, inf]"


def test_a_lost_worker_is_told_with_the_reason(services: Services, held: Hold) -> None:
    """The job waits again, and the log says why."""
    claim = held()
    again(services, claim)
    assert statuses(services, claim.job_id) == ["queued", "running", "queued", "running"]
    assert log(services, claim.job_id)[2].data["reason"] == {"code": "worker_lost", "message": "It is gone."}


def test_a_page_of_the_log(services: Services, succeeded: Hold) -> None:
    """Only what comes after a number, and no more than asked for."""
    events = services.events.after(succeeded().job_id, 2, limit=2)
    assert [event.number for event in events] == [3, 4]


def test_a_job_that_waits_is_paused_at_once(services: Services, queue: Queue) -> None:
    """Nobody takes it until it is resumed."""
    job_id = queue()
    assert services.jobs.apply(job_id, "pause").status is Status.PAUSED
    assert services.claims.acquire(max_running=1) is None
    assert services.jobs.apply(job_id, "resume").status is Status.QUEUED


def test_a_job_that_trains_is_paused_by_its_worker(services: Services, held: Hold) -> None:
    """The order comes with the next record; the worker saves and goes."""
    claim = held()
    assert services.jobs.apply(claim.job_id, "pause").status is Status.PAUSING
    assert services.workers.record(claim, ProgressReport()).pause
    services.workers.release(claim)
    assert services.jobs.get(claim.job_id).status is Status.PAUSED


def test_resumed_while_it_was_pausing(services: Services, held: Hold) -> None:
    """A worker that has saved already leaves the job in the queue, not paused for ever."""
    claim = held()
    services.jobs.apply(claim.job_id, "pause")
    assert services.jobs.apply(claim.job_id, "resume").status is Status.RUNNING
    services.workers.release(claim)
    assert services.jobs.get(claim.job_id).status is Status.QUEUED


def test_a_worker_lost_while_pausing_leaves_the_job_paused(services: Services, held: Hold) -> None:
    """Its last checkpoint is where it will go on."""
    claim = held()
    services.jobs.apply(claim.job_id, "pause")
    assert services.claims.reclaim(claim, max_attempts=3, failure=FAILURE) is Status.PAUSED


def test_a_release_costs_no_attempt(services: Services, held: Hold) -> None:
    """However often a service is stopped and started."""
    claim = held()
    for _ in range(5):
        services.workers.release(claim)
        claim = services.claims.acquire(max_running=1) or claim
    assert services.claims.reclaim(claim, max_attempts=2, failure=FAILURE) is Status.QUEUED


def test_who_was_heard_meanwhile_is_not_lost(services: Services, held: Hold) -> None:
    """A claim is only taken from a worker of which nothing was heard since the trainer looked."""
    claim = held()
    last_heartbeat = services.claims.heartbeats()[claim]
    services.workers.heartbeat(claim)
    assert (
        services.claims.reclaim(claim, max_attempts=3, failure=FAILURE, last_heartbeat=last_heartbeat) is Status.RUNNING
    )


def test_a_change_reaches_the_worker_until_it_is_made(services: Services, held: Hold) -> None:
    """It is told with the step from which it holds, and stays known for whoever trains these steps again."""
    claim = held()
    patch = JobPatch.model_validate({"optimizer": {"learning_rate": 0.5}})
    assert services.jobs.update(claim.job_id, patch).config.optimizer.learning_rate == 0.5
    assert services.workers.job(claim).config.optimizer.learning_rate == 0.001
    (change,) = services.workers.record(claim, ProgressReport()).changes
    made = AppliedChange(id=change.id, step=5, learning_rate=0.5, momentum=None)
    assert services.workers.record(claim, ProgressReport(changes=[made])).changes == ()
    assert services.workers.changes(claim) == [made]
    assert log(services, claim.job_id)[-1].data == {"step": 5, "learning_rate": 0.5, "momentum": None}


def test_a_change_waits_while_the_log_has_the_steps_already(services: Services, held: Hold) -> None:
    """What was told of a step stays true: a change can only hold from a step that nobody has seen."""
    first = held()
    services.workers.record(first, ProgressReport(chunks=[chunk(1, 8)], progress=Progress(epoch=2, step=8)))
    services.jobs.update(first.job_id, JobPatch.model_validate({"optimizer": {"momentum": 0.5}}))
    second = again(services, first)
    early = ProgressReport(chunks=[chunk(5, 6)], progress=Progress(epoch=2, step=6))
    assert services.workers.record(second, early).changes == ()
    late = ProgressReport(chunks=[chunk(7, 8)], progress=Progress(epoch=2, step=8))
    assert len(services.workers.record(second, late).changes) == 1


def test_a_job_that_never_started_starts_with_the_change(services: Services, queue: Queue) -> None:
    """There is nothing to tell of: it is simply configured so."""
    job_id = queue()
    services.jobs.update(job_id, JobPatch.model_validate({"optimizer": {"learning_rate": 0.5}}))
    claim = services.claims.acquire(max_running=1)
    assert claim
    assert services.workers.job(claim).config.optimizer.learning_rate == 0.5
    assert services.workers.record(claim, ProgressReport()).changes == ()


def test_name_and_metadata_change_at_any_time(services: Services, succeeded: Hold) -> None:
    """Keys are laid over those that are there; one that is null goes."""
    job_id = succeeded(metadata={"a": "1", "b": "2"}).job_id
    patch = JobPatch.model_validate({"name": "best", "metadata": {"a": None, "c": "3"}})
    config = services.jobs.update(job_id, patch).config
    assert (config.name, config.metadata) == ("best", {"b": "2", "c": "3"})


def test_a_job_that_has_ended_trains_no_differently(services: Services, succeeded: Hold) -> None:
    """Its optimizer is what it was."""
    patch = JobPatch.model_validate({"optimizer": {"learning_rate": 0.5}})
    with pytest.raises(InvalidTransition, match="succeeded trains no more"):
        services.jobs.update(succeeded().job_id, patch)


def test_an_optimizer_without_momentum_gets_none(services: Services, held: Hold) -> None:
    """The text says where."""
    claim = held(optimizer={"name": "adam"})
    with pytest.raises(InvalidInput, match="/optimizer/momentum"):
        services.jobs.update(claim.job_id, JobPatch.model_validate({"optimizer": {"momentum": 0.5}}))
