"""Create an index of the metadata of jobs: one row for each key of each job."""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

ROWS_AT_ONCE = 1_000


def upgrade() -> None:
    """Upgrade to this revision."""
    op.create_table(
        "job_labels",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("job_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], ondelete="CASCADE", name="fk_job_labels_job_id_jobs"),
        sa.PrimaryKeyConstraint("key", "value", "job_id", name="pk_job_labels"),
    )
    op.create_index("ix_job_labels_job_id", "job_labels", ["job_id"])
    labels = sa.table("job_labels", sa.column("key"), sa.column("value"), sa.column("job_id"))
    for rows in _labels(op.get_bind()):
        op.get_bind().execute(sa.insert(labels), rows)


def _labels(connection: sa.Connection) -> Iterator[list[dict[str, str]]]:
    jobs, last = sa.table("jobs", sa.column("id"), sa.column("labels", sa.JSON)), ""
    while page := connection.execute(
        sa.select(jobs.c.id, jobs.c.labels).where(jobs.c.id > last).order_by(jobs.c.id).limit(ROWS_AT_ONCE)
    ).all():
        last = page[-1].id
        if rows := [
            {"key": key, "value": value, "job_id": job.id} for job in page for key, value in (job.labels or {}).items()
        ]:
            yield rows


def downgrade() -> None:
    """Downgrade to the previous revision."""
    op.drop_table("job_labels")
