"""What pruning needs to know of all rows, and the deletion of model versions."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.domain.job import TERMINAL
from service.domain.model import Version
from service.domain.pruning import PruneFacts, PruneRules, StoredJob
from service.store.database import Database, advisory_lock
from service.store.models.checkpoints import checkpoint_value
from service.store.models.models import model_value
from service.store.tables import AliasRow, CheckpointRow, JobRow, SaveRequestRow, VersionRow


class PruneStore:
    """Reads what can be pruned, and deletes versions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def facts(self, rules: PruneRules) -> PruneFacts:
        """Return what *rules* need to know, from one snapshot."""
        with self._database.read() as session:
            checkpoints = select(CheckpointRow)
            if not rules.concern_jobs:
                checkpoints = checkpoints.where(CheckpointRow.job_id.is_(None))
            saved = select(SaveRequestRow.checkpoint_id).where(SaveRequestRow.checkpoint_id.is_not(None))
            return PruneFacts(
                models=[model_value(session, name) for name in session.scalars(select(VersionRow.model).distinct())],
                jobs=_jobs(session, rules),
                checkpoints=[checkpoint_value(row) for row in session.scalars(checkpoints)],
                saved=frozenset(each for each in session.scalars(saved) if each),
            )

    def retire(self, versions: Iterable[Version]) -> None:
        """Delete versions, unless an alias points at them by now; their checkpoints stay."""
        with self._database.write_when_full() as session:
            advisory_lock(session, "models")
            for each in versions:
                pointing = select(AliasRow).where(AliasRow.model == each.model, AliasRow.version == each.version)
                row = session.get(VersionRow, (each.model, each.version))
                if row and session.scalars(pointing.limit(1)).first() is None:
                    session.delete(row)


def _jobs(session: Session, rules: PruneRules) -> list[StoredJob]:
    init_from = JobRow.config["init_from"].as_string()
    columns = select(JobRow.id, JobRow.finished_at, JobRow.status, init_from, JobRow.result)
    if not rules.concern_jobs:
        columns = columns.where(JobRow.status.not_in(TERMINAL))
    return [
        StoredJob(
            id=job_id,
            finished_at=finished_at if status in TERMINAL else None,
            init_from=start,
            result=result["checkpoint_id"] if result else None,
        )
        for job_id, finished_at, status, start, result in session.execute(columns)
    ]
