"""Fixtures: one engine, images that are built once, and each profile started once."""

import os
from collections.abc import Iterator

import pytest

from tests.containers.engines import Engine, engine
from tests.containers.prepare import build
from tests.containers.stacks import Stack, stack


@pytest.fixture(scope="session")
def images(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An engine with the project's images, built from this checkout."""
    with engine() as running:
        if not os.environ.get("IMAGES_BUILT"):  # CI has built them with `make images`
            build(running, tmp_path_factory.mktemp("building"))
        yield running


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def services(
    request: pytest.FixtureRequest, images: Engine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    """The services of a profile, with empty volumes."""
    with stack(images, request.param, tmp_path_factory.mktemp("secrets")) as running:
        yield running
