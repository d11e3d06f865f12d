"""What tests of the service share: one running service for all that need no own, and one trained job in it."""

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import hypothesis
import pytest

from service.composition import Services, compose
from service.settings import Settings
from tests.object_store import ObjectStore
from tests.postgres import Cluster
from tests.servers import Json, Server, empty_database, finished, start_job, write_tiny

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

# Programs that a shell starts in the background ignore Ctrl-C, and so would the programs that tests start and interrupt
signal.signal(signal.SIGINT, signal.default_int_handler)

# The same examples on every machine, and however long each takes: a busy machine fails no test
hypothesis.settings.register_profile("repeatable", deadline=None, derandomize=True)
hypothesis.settings.load_profile("repeatable")

StartServer = Callable[..., Server]


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the dataset ``tiny``: the first images of MNIST."""
    return write_tiny(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="session")
def migrated_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file at the newest migration, to be copied."""
    path = tmp_path_factory.mktemp("migrated") / "naivenet.db"
    path.write_bytes(empty_database())
    return path


@pytest.fixture
def services(tmp_path: Path, migrated_database: Path) -> Iterator[Services]:
    """The services of a process, on a SQLite file of the test's own."""
    shutil.copy(migrated_database, tmp_path)
    composed = compose(Settings(data_dir=tmp_path))
    yield composed
    composed.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """One PostgreSQL for all tests of a process; each has databases of its own in it."""
    cluster = Cluster()
    yield cluster
    cluster.remove()


@pytest.fixture
def own_postgres() -> Iterator[Cluster]:
    """A PostgreSQL that the test may stop."""
    cluster = Cluster()
    yield cluster
    cluster.remove()


@pytest.fixture(scope="session")
def object_store() -> Iterator[ObjectStore]:
    """One S3 server for all tests of a process; each has a prefix of its own in its bucket."""
    store = ObjectStore()
    yield store
    store.stop()


@pytest.fixture(scope="session")
def session_server(tmp_path_factory: pytest.TempPathFactory, tiny: Path) -> Iterator[Server]:
    """One service for all tests that leave it as they find it, or do not mind what others left."""
    server = Server(tmp_path_factory.mktemp("service"), tiny=tiny, max_running_jobs=2).start()
    yield server
    server.stop()


@pytest.fixture
def start_server(tmp_path: Path, tiny: Path) -> Iterator[StartServer]:
    """Starts services of the test's own; what still runs afterwards is stopped."""
    started: list[Server] = []

    def start(**settings: object) -> Server:
        server = Server(tmp_path / f"service-{len(started)}", tiny=tiny, **settings)
        started.append(server)
        return server.start()

    yield start
    for server in started:
        if server.process.poll() is None:
            server.stop()


@pytest.fixture(scope="session")
def client(session_server: Server) -> Iterator[httpx2.Client]:
    """Speaks to the shared service."""
    with session_server.client() as speaking:
        yield speaking


@pytest.fixture(scope="session")
def trained(client: httpx2.Client) -> Json:
    """A job that the shared service has trained to the end; tests look at it and leave it as it is."""
    body = {"name": "shared", "group": "shared", "epochs": 2, "metadata": {"course": "spring"}, "validation_split": 0.1}
    preset = {"optimizer": {"name": "adam"}, "shuffle": True}
    job = finished(client, start_job(client, **body, **preset))
    assert job["status"] == "succeeded", job["error"]
    return job
