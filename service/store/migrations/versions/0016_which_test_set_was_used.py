"""Add the test set on which a checkpoint and a version were tested; those of jobs on MNIST get its digest."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

MNIST_TEST_SET = "376095f8e05e9fdfe5e623f3fc8870a0b569f8135bd008faf389226f5c0db04e"


def upgrade() -> None:
    """Upgrade to this revision."""
    for name in ("checkpoints", "versions"):
        op.add_column(name, sa.Column("test_set", sa.String(), nullable=True))
    jobs = sa.table("jobs", sa.column("id"), sa.column("config", sa.JSON()))
    on_mnist = sa.select(jobs.c.id).where(jobs.c.config["dataset"].as_string() == "mnist")
    versions = sa.table("versions", sa.column("job_id"), sa.column("test_accuracy"), sa.column("test_set"))
    tested = versions.c.job_id.in_(on_mnist) & versions.c.test_accuracy.is_not(None)
    op.execute(sa.update(versions).where(tested).values(test_set=MNIST_TEST_SET))
    checkpoints = sa.table("checkpoints", sa.column("job_id"), sa.column("test_set"))
    op.execute(sa.update(checkpoints).where(checkpoints.c.job_id.in_(on_mnist)).values(test_set=MNIST_TEST_SET))


def downgrade() -> None:
    """Downgrade to the previous revision."""
    for name in ("versions", "checkpoints"):
        op.drop_column(name, "test_set")
