"""A fixture that checks that a refused request changed nothing."""

from collections.abc import Iterator

import httpx2
import pytest

from tests.servers import Json


def counts(client: httpx2.Client) -> tuple[int, ...]:
    """How many jobs, checkpoints and versions there are."""
    listed = [client.get(path, params={"limit": 100}).json()["data"] for path in ("/v1/jobs", "/v1/checkpoints")]
    versions = client.get("/v1/models/digits").json()["versions"]
    return len(listed[0]), len(listed[1]), len(versions)


@pytest.fixture
def nothing_changes(client: httpx2.Client, trained: Json) -> Iterator[None]:
    """After the test there are as many jobs, checkpoints and versions as before, and the service is ready."""
    before = counts(client)
    yield
    assert counts(client) == before
    assert client.get("/health/ready").status_code == httpx2.codes.OK
