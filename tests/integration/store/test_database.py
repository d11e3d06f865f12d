"""The database: migrations that match the tables, atomic transactions, and writers that wait."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, inspect, select, text

import naivenet
from service.composition import Services, compose
from service.domain.config import JobConfig
from service.domain.forecast import Capacity
from service.errors import Misconfigured, Unavailable
from service.settings import Settings
from service.store.database import HEAD, Database
from service.store.jobs.jobs import JobStore
from service.store.tables import Base, JobRow, LabelRow
from tests.servers import until
from tests.stored import checkpoint

HOLD_THE_LOCK = """
import sys
from service.store.database import Database
with Database(sys.argv[1]).write() as session:
    session.connection()
    print("held", flush=True)
    sys.stdin.readline()
"""
CREATE = """
import pathlib, sys
from service.composition import compose
from service.domain.config import JobConfig
from service.settings import Settings
services = compose(Settings(data_dir=pathlib.Path(sys.argv[1])))
for _ in range(20):
    services.jobs.create(JobConfig())
"""

#: Tests of a file; tests of a server are in test_postgres.
SQLITE = pytest.mark.parametrize("services", ["sqlite"], indirect=True)


@pytest.fixture
def engine(services: Services) -> Iterator[Engine]:
    """Open the database without the store."""
    engine = create_engine(services.settings.resolved_database_url)
    yield engine
    engine.dispose()


def alembic(engine: Engine) -> Config:
    """Return Alembic's configuration, as the store makes it."""
    config = Config()
    config.set_main_option("script_location", "service.store:migrations")
    return config


def test_the_migrated_schema_is_that_of_the_tables(engine: Engine) -> None:
    """Alembic finds no difference between the migrations and the tables."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_head_is_the_newest_migration(engine: Engine) -> None:
    """`HEAD` is the newest migration file."""
    assert ScriptDirectory.from_config(alembic(engine)).get_heads() == [HEAD]


def test_migrations_lead_down_and_up_again(engine: Engine) -> None:
    """All migrations can be downgraded to no tables, and upgraded to the same tables."""
    config = alembic(engine)
    before = set(inspect(engine).get_table_names())
    for move, target in ((command.downgrade, "base"), (command.upgrade, "head")):
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            move(config, target)
        left = set(inspect(engine).get_table_names())
        assert left == (before if target == "head" else {"alembic_version"})


def test_versions_from_before_get_the_test_set_of_mnist(services: Services, engine: Engine) -> None:
    """The migration knows the test set of versions whose jobs trained on MNIST, and of no others."""
    for dataset in ("mnist", "letters"):
        job = services.jobs.create(JobConfig(dataset=dataset))
        services.checkpoints.add(saved := checkpoint(job.id, accuracy=0.5))
        services.models.add_version("digits", saved.id)
    config = alembic(engine)
    for move, target in ((command.downgrade, "0015"), (command.upgrade, "head")):
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            move(config, target)
    found = [each.test_set for each in services.models.get("digits").versions]
    assert found == [None, naivenet.datasets.MNIST_TEST_SET]


def test_migrating_again_changes_nothing(services: Services) -> None:
    """Migrating a migrated database changes nothing: each process does it at its start."""
    job = services.jobs.create(JobConfig())
    services.database.migrate()
    assert services.jobs.get(job.id) == job


def test_a_transaction_that_fails_leaves_nothing(services: Services) -> None:
    """A transaction that raises an error changes nothing."""
    job = services.jobs.create(JobConfig())

    def rename_and_fail() -> None:
        with services.database.write() as session:
            row = session.scalars(select(JobRow)).one()
            row.step = 7
            session.flush()
            raise LookupError

    with pytest.raises(LookupError):
        rename_and_fail()
    assert services.jobs.get(job.id) == job


def test_readers_do_not_wait_for_a_writer(services: Services) -> None:
    """A job can be read while another transaction holds the write lock."""
    job = services.jobs.create(JobConfig())
    with services.database.write() as session:
        session.scalars(select(JobRow)).one().step = 7
        session.flush()
        assert services.jobs.get(job.id).progress.step == 0
    assert services.jobs.get(job.id).progress.step == 7


@SQLITE
def test_a_writer_that_waits_too_long_may_retry(services: Services) -> None:
    """While another process holds the lock for too long, a writer gets an error with the time to retry."""
    url = services.settings.resolved_database_url
    with subprocess.Popen(
        [sys.executable, "-c", HOLD_THE_LOCK, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as claim:
        assert claim.stdout is not None
        assert claim.stdout.readline() == b"held\n"
        impatient = Database(url, busy_timeout_s=0.1)
        with pytest.raises(Unavailable, match="locked") as caught:
            JobStore(impatient, capacity=Capacity(), max_queued_jobs=1).create(JobConfig())
        impatient.close()
        claim.communicate(b"\n")
    assert caught.value.retry_after_s > 0
    services.jobs.create(JobConfig())


def test_processes_that_write_at_once_both_succeed(services: Services) -> None:
    """Two processes wait for each other and create forty jobs."""
    command_line = [sys.executable, "-c", CREATE, str(services.settings.data_dir)]
    writers = [subprocess.Popen(command_line) for _ in range(2)]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    assert services.jobs.active() == 40


def test_processes_that_migrate_at_once_both_succeed(tmp_path: Path) -> None:
    """The first process creates the tables, the others find them."""
    code = "import sys, pathlib; from service.composition import compose; from service.settings import Settings; "
    code += "compose(Settings(data_dir=pathlib.Path(sys.argv[1])))"
    starters = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "new")]) for _ in range(3)]
    assert [starter.wait(60) for starter in starters] == [0, 0, 0]


@pytest.mark.parametrize("name", ["with space", "ümläut", "100%", "a#b", "a?b=c", "a&b"])
def test_any_folder_name_works(tmp_path: Path, name: str) -> None:
    """The data folder may have characters that are special in URLs."""
    services = compose(Settings(data_dir=tmp_path / name))
    job = services.jobs.create(JobConfig())
    assert services.jobs.get(job.id) == job
    services.blobs.write("a", b"b")
    services.close()
    assert {path.name for path in (tmp_path / name).iterdir()} >= {"naivenet.db", "checkpoints"}


def test_polling_a_database_without_tables_is_unavailable(tmp_path: Path) -> None:
    """`scalars` translates errors as transactions do."""
    database = Database(f"sqlite:///{tmp_path / 'empty.db'}")
    with pytest.raises(Unavailable, match="no such table"):
        database.scalars(select(JobRow.id))
    database.close()


def test_an_invalid_url_is_a_wrong_setting() -> None:
    """An invalid URL is refused; the message names the variable."""
    with pytest.raises(Misconfigured, match="NAIVENET_DATABASE_URL"):
        Database("nonsense")


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    """If the data folder cannot be created, the error says so."""
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Misconfigured, match="cannot be created"):
        compose(Settings(data_dir=tmp_path / "file" / "folder"))


@SQLITE
def test_a_deleted_database_is_unavailable(services: Services) -> None:
    """If the file was deleted, calls raise `Unavailable`."""
    services.close()
    database = services.settings.data_dir / "naivenet.db"
    for path in database.parent.glob("naivenet.db*"):
        path.unlink()
    assert until(lambda: not database.exists() or None, what="the file to be gone")
    with pytest.raises(Unavailable):
        services.jobs.create(JobConfig())


def test_older_jobs_are_found_by_their_metadata(services: Services) -> None:
    """The migration that creates the index of the metadata fills it from the jobs that exist."""
    with services.database.write_at("0010") as session:
        columns = {"id": "job_old", "status": "queued", "config": "{}", "labels": '{"course": "spring"}'}
        zeros = ("epoch", "step", "attempt", "lost_workers", "last_event", "trained_s")
        names = [*columns, "created_at", *zeros]
        values = [*(f"'{value}'" for value in columns.values()), "CURRENT_TIMESTAMP", *("0" for _ in zeros)]
        session.execute(text(f"INSERT INTO jobs ({', '.join(names)}) VALUES ({', '.join(values)})"))  # noqa: S608  # constants
    with services.database.read() as session:
        assert session.execute(select(LabelRow.key, LabelRow.value, LabelRow.job_id)).all() == [
            ("course", "spring", "job_old")
        ]
