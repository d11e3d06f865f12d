"""What only a database server can do: restart, keep the lock of a process that hangs, start after the service."""

import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import func, select, table
from starlette.testclient import TestClient

from service.api.app import create_app
from service.composition import Services, compose
from service.domain.config import JobConfig
from service.domain.listing import Listing
from service.errors import InvalidInput, Misconfigured, Unavailable
from service.settings import Settings, load_settings
from service.store.database import Database
from service.store.jobs.filters import JobFilter
from service.store.tables import JobRow
from tests.postgres import Cluster


def test_a_server_that_restarts_is_used_again(own_postgres: Cluster, tmp_path: Path) -> None:
    """The connection pool notices dead connections, so the service needs no restart."""
    services = compose(Settings(data_dir=tmp_path, database_url=own_postgres.new()))
    job = services.jobs.create(JobConfig())
    own_postgres.stop()
    with pytest.raises(Unavailable, match="does not answer"):
        services.jobs.get(job.id)
    with pytest.raises(Unavailable):
        services.database.ping()
    own_postgres.start()
    assert services.jobs.get(job.id) == job
    services.close()


def test_a_transaction_that_loses_its_server_changes_nothing(own_postgres: Cluster, tmp_path: Path) -> None:
    """A transaction whose server stops raises `Unavailable` and changes nothing."""
    services = compose(Settings(data_dir=tmp_path, database_url=own_postgres.new()))
    services.jobs.create(JobConfig())

    def cut_off() -> None:
        with services.database.write() as session:
            session.connection()
            own_postgres.stop()
            session.connection().exec_driver_sql("UPDATE jobs SET step = 7")

    with pytest.raises(Unavailable):
        cut_off()
    own_postgres.start()
    assert services.jobs.page(JobFilter(), Listing(limit=1))[0][0].progress.step == 0
    services.close()


def test_a_service_waits_for_a_server_that_starts_later(own_postgres: Cluster, tmp_path: Path) -> None:
    """The service waits until the database server has started, as with containers that start together."""
    url = own_postgres.new(empty=True)
    own_postgres.stop()
    late = threading.Timer(1.0, own_postgres.start)
    late.start()
    services = compose(Settings(data_dir=tmp_path, database_url=url))
    assert services.jobs.active() == 0
    late.join()
    services.close()


def test_an_api_waits_for_a_server_that_goes_away_while_it_starts(
    own_postgres: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The API retries its first reads: the database may go away between the migrations and these."""
    monkeypatch.setattr("tempfile.tempdir", None)  # restored afterwards: the API moves its spool into its data folder
    settings = Settings(data_dir=tmp_path, database_url=own_postgres.new(), trainer=False)
    services = compose(settings)
    own_postgres.stop()
    late = threading.Timer(1.0, own_postgres.start)
    late.start()
    with TestClient(create_app(settings, services), base_url="http://127.0.0.1") as client:
        assert client.get("/health/ready").json()["status"] == "ready"
    late.join()


def test_a_writer_waits_for_a_lock_only_so_long(postgres: Cluster) -> None:
    """After the lock timeout a writer gets `Unavailable`."""
    url = postgres.new()
    claim, impatient = Database(url), Database(url + "&options=-c%20lock_timeout%3D100ms")
    lock = "LOCK TABLE jobs IN EXCLUSIVE MODE"
    with claim.write() as session:
        session.connection().exec_driver_sql(lock)
        with pytest.raises(Unavailable, match="lock timeout"), impatient.write() as other:
            other.connection().exec_driver_sql(lock)
    claim.close()
    impatient.close()


def test_a_process_that_hangs_loses_its_lock(postgres: Cluster) -> None:
    """A process that hangs inside a transaction loses its locks, and its transaction fails later."""
    url = postgres.new()
    hanging, waiting = Database(url, idle_s=0.1), Database(url)
    lock = "LOCK TABLE jobs IN EXCLUSIVE MODE"

    def hang() -> None:
        with hanging.write() as session:
            session.connection().exec_driver_sql(lock)
            with waiting.write() as other:
                other.connection().exec_driver_sql(lock)
            session.connection().exec_driver_sql(lock)

    with pytest.raises(Unavailable, match="idle-in-transaction"):
        hang()
    hanging.close()
    waiting.close()


def test_many_that_migrate_at_once_all_succeed(postgres: Cluster, tmp_path: Path) -> None:
    """The first process creates the tables, the others find them."""
    url = postgres.new(empty=True)
    code = "import sys; from service.store.database import Database; Database(sys.argv[1]).migrate()"
    starters = [subprocess.Popen([sys.executable, "-c", code, url]) for _ in range(3)]
    assert [starter.wait(60) for starter in starters] == [0, 0, 0]


def test_a_database_without_an_encoding_works(postgres: Cluster, tmp_path: Path) -> None:
    """Text is stored as UTF-8, also in a database in SQL_ASCII."""
    services = compose(Settings(data_dir=tmp_path, database_url=postgres.new_without_encoding()))
    job = services.jobs.create(JobConfig(name="ümläut"))
    assert services.jobs.get(job.id).config.name == "ümläut"
    services.close()


def test_a_value_that_the_database_cannot_hold_is_invalid_input(postgres: Cluster, tmp_path: Path) -> None:
    """An id with a NUL character is refused, since PostgreSQL cannot hold it."""
    services = compose(Settings(data_dir=tmp_path, database_url=postgres.new()))
    with pytest.raises(InvalidInput, match="NUL"):
        services.jobs.get("job_\0")
    services.close()


def test_the_password_comes_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The password is read from a file, as containers get secrets, and no message shows it."""
    (tmp_path / "password").write_text("s3cret/@\n")
    monkeypatch.setenv("NAIVENET_DATABASE_PASSWORD_FILE", str(tmp_path / "password"))
    settings = load_settings(database_url="postgresql://naivenet@somewhere/naivenet")
    assert settings.resolved_database_url == "postgresql://naivenet:s3cret%2F%40@somewhere/naivenet"
    assert "s3cret" not in repr(settings)


def test_another_database_is_a_wrong_setting() -> None:
    """Another database is refused; the message lists the supported ones."""
    with pytest.raises(Misconfigured, match="neither sqlite nor postgresql"):
        Database("mysql://somewhere/naivenet")


@pytest.mark.parametrize(("ending", "is_prepared"), [("", True), ("&options=none", False)])
def test_statements_are_prepared_except_for_a_pooler(postgres: Cluster, ending: str, *, is_prepared: bool) -> None:
    """A session prepares a query that is often sent; not through a pooler, which takes any session."""
    prepared = select(func.count()).select_from(table("pg_prepared_statements"))
    with closing(Database(postgres.new() + ending)) as database:
        for _ in range(10):
            with database.read() as session:
                session.scalars(select(JobRow.id)).all()
            counted = database.scalars(prepared)[0]
    assert (counted > 0) == is_prepared


def test_a_reading_transaction_writes_nothing(services: Services, queue: Callable[..., str]) -> None:
    """Rows that are changed while reading stay as they are in the database."""
    job_id = queue()
    with services.database.read() as session:
        session.get_one(JobRow, job_id).step = 7
    assert services.jobs.get(job_id).progress.step == 0
