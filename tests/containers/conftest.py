"""One engine, images built once, and each profile up once."""

from collections.abc import Iterator

import pytest

from tests.containers.engines import Engine, engine
from tests.containers.stacks import Stack, stack


@pytest.fixture(scope="session")
def images(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An engine that has the project's images, as built from this checkout."""
    with engine() as running:
        Stack(running, "sqlite", tmp_path_factory.mktemp("building")).run("build")  # the other profile has the same
        yield running


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def services(
    request: pytest.FixtureRequest, images: Engine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    """The services of a profile, from an empty volume."""
    with stack(images, request.param, tmp_path_factory.mktemp("secrets")) as running:
        yield running
