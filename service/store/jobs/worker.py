"""What a worker writes about its job. Each method checks the claim, and raises `ClaimLost` if it is not in force."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from service.domain.checkpoint import Checkpoint
from service.domain.claims import Claim, ProcessName
from service.domain.event import EventType
from service.domain.job import Environment, Failure, Job, Status
from service.domain.worker_messages import AppliedChange, Instructions, ProgressReport
from service.store.database import Database
from service.store.jobs.claimants import add_process
from service.store.jobs.event_log import append_event
from service.store.jobs.instructions import read_applied_changes, read_instructions
from service.store.jobs.recording import append_changes, append_report, last_recorded_step
from service.store.jobs.results import publish_best, publish_restored, resumable
from service.store.jobs.rows import claimed_row, fail_row, job_value, release_row, transition
from service.store.models.checkpoints import checkpoint_row, checkpoint_value
from service.store.retry import retry_while_unavailable
from service.store.tables import CheckpointRow, JobRow, SaveRequestRow


class WorkerStore:
    """Jobs, as their workers see them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @retry_while_unavailable
    def begin(  # noqa: PLR0913  # the facts of an attempt
        self,
        claim: Claim,
        *,
        threads: int,
        total_steps: int,
        from_step: int,
        environment: Environment | None = None,
        moved: Mapping[str, Any] | None = None,
    ) -> None:
        """Record that a worker starts.

        Args:
            claim: The claim on the job.
            threads: Those of the first worker stay the job's.
            total_steps: The length of the job.
            from_step: The worker resumes after this step.
            environment: The worker's environment.
            moved: The diagnostic that it is not the environment of the worker before, for the event log.
        """
        with self._database.write() as session:
            row = claimed_row(session, claim)
            if environment and row.environment != asdict(environment):
                row.environment = asdict(environment)
                if moved:
                    append_event(session, row, EventType.DIAGNOSTIC, moved)
            row.threads, row.total_steps = row.threads or threads, total_steps
            row.step = max(row.step, from_step)

    @retry_while_unavailable
    def job(self, claim: Claim) -> Job:
        """Return the claimed job with the configuration of its start; `changes` returns what has changed since."""
        with self._database.read() as session:
            return job_value(claimed_row(session, claim, lock=False), tuned=False)

    @retry_while_unavailable
    def changes(self, claim: Claim) -> list[AppliedChange]:
        """Return the changes of hyperparameters that the job's workers have applied, by step."""
        with self._database.read() as session:
            return read_applied_changes(session, claim.job_id)

    def heartbeat(self, claim: Claim, *, process: ProcessName | None = None) -> None:
        """Renew the lease, also while a step or an evaluation takes long; the claim names *process* from then on."""
        with self._database.write() as session:
            row = claimed_row(session, claim)
            row.heartbeat_at = datetime.now(UTC)
            add_process(row, process)

    @retry_while_unavailable
    def record(self, claim: Claim, report: ProgressReport) -> Instructions:
        """Append a report to the history and the event log, and return the next instructions, in one transaction."""
        with self._database.write() as session:
            row = claimed_row(session, claim)
            recorded_step = last_recorded_step(session, row.id)
            append_changes(session, row, report.changes)
            instructions = read_instructions(session, row, replaying=report.progress.step < recorded_step)
            append_report(session, row, report, recorded_step=recorded_step)
            return instructions

    @retry_while_unavailable
    def add_checkpoint(self, claim: Claim, checkpoint: Checkpoint, *, answers: Sequence[str] = ()) -> None:
        """Add a checkpoint whose bytes are stored; it answers these save requests."""
        with self._database.write() as session:
            _add_checkpoint(session, claimed_row(session, claim), checkpoint)
            for request_id in answers:
                if request := session.get(SaveRequestRow, request_id):
                    request.checkpoint_id = checkpoint.id

    @retry_while_unavailable
    def resume_points(self, job_id: str) -> list[Checkpoint]:
        """Return the job's checkpoints from which training can resume exactly, the last step first."""
        with self._database.read() as session:
            return [checkpoint_value(row) for row in session.scalars(resumable(job_id))]

    @retry_while_unavailable
    def succeed(self, claim: Claim, *, restored: Checkpoint | None = None, stopped_epoch: int | None = None) -> None:
        """End the job with a result, and add a version to the model ``digits``.

        Args:
            claim: The claim on the job.
            restored: The checkpoint that early stopping restored; None publishes the job's best.
            stopped_epoch: The epoch after which early stopping ended training.
        """
        with self._database.write() as session:
            row = claimed_row(session, claim)
            if row.status == Status.CANCELLING:  # a client cancelled after the last step
                transition(session, row, Status.CANCELLED)
                return
            if restored:
                _add_checkpoint(session, row, restored)
                result = publish_restored(session, row.id, restored, stopped_epoch=stopped_epoch)
            else:
                result = publish_best(session, row.id, stopped_epoch=stopped_epoch)
            row.result = asdict(result)
            transition(session, row, Status.SUCCEEDED)

    @retry_while_unavailable
    def cancelled(self, claim: Claim) -> None:
        """End a job whose worker has stopped because a client cancelled it."""
        with self._database.write_when_full() as session:
            transition(session, claimed_row(session, claim), Status.CANCELLED)

    @retry_while_unavailable
    def release(self, claim: Claim) -> None:
        """End the attempt of a worker that has saved: the job is paused or queued again, and loses no attempt."""
        with self._database.write_when_full() as session:
            release_row(session, claimed_row(session, claim))

    @retry_while_unavailable
    def fail(self, claim: Claim, failure: Failure) -> None:
        """End the job with an error; a job that is being cancelled becomes cancelled instead."""
        with self._database.write() as session:
            fail_row(session, claimed_row(session, claim), failure)


def _add_checkpoint(session: Session, row: JobRow, checkpoint: Checkpoint) -> None:
    """Add the checkpoint unless it is there: after a lost connection the call is retried."""
    if session.get(CheckpointRow, checkpoint.id) is None:
        if checkpoint.resumable and (checkpoint.step or 0) > _furthest_step(session, row.id):
            row.lost_workers = 0  # the job has made progress since it lost its last worker
        session.add(checkpoint_row(checkpoint))
        session.flush()
        data = {"checkpoint_id": checkpoint.id, "step": checkpoint.step, "epoch": checkpoint.epoch}
        data |= {"automatic": True} if checkpoint.automatic else {}
        append_event(session, row, EventType.CHECKPOINT, data)


def _furthest_step(session: Session, job_id: str) -> int:
    furthest = session.scalar(resumable(job_id).limit(1))
    return (furthest.step or 0) if furthest else 0
