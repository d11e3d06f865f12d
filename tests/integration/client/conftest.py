"""The clients of the shared service."""

from collections.abc import Iterator

import pytest

from naivenet_client import Client, Job
from tests.servers import Json, Server


@pytest.fixture(scope="session")
def naive(session_server: Server) -> Iterator[Client]:
    """A blocking client of the shared service."""
    with Client(session_server.base_url) as client:
        yield client


@pytest.fixture
def job(naive: Client, trained: Json) -> Job:
    """The shared job, which has been trained."""
    return naive.jobs.get(trained["id"])
