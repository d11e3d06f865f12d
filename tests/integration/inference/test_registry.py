"""Which networks stay loaded, and for how long."""

import gc
import io
import weakref

import pytest

import naivenet
from service.composition import Services
from service.inference.answers.registry import CAPACITY, Registry
from tests.stored import notebook_weights

WEIGHTS = naivenet.to_safetensors(notebook_weights())


@pytest.fixture
def registry(services: Services) -> Registry:
    """A registry on the test's services."""
    return Registry(services.models, services.checkpoints, services.weights)


def released(services: Services, version: int) -> str:
    """Add a checkpoint as that version of ``digits``, and point ``live`` at it; return its id."""
    point = services.weights.upload(io.BytesIO(WEIGHTS), None, services.limits)
    assert services.models.add_version("digits", point.id).version == version
    services.models.set_alias("digits", "live", version)
    return point.id


def test_a_network_is_freed_when_no_alias_points_at_it(services: Services, registry: Registry) -> None:
    """A network is freed once no alias points at it: a service that trains for weeks keeps the newest version alone."""
    released(services, 1)
    first = weakref.ref(registry.by_alias("digits", "live").network)
    released(services, 2)
    registry.refresh()
    gc.collect()
    assert first() is None


def test_a_network_that_was_requested_stays(services: Services, registry: Registry) -> None:
    """A network that was requested by version or checkpoint stays loaded, without an alias."""
    point = released(services, 1)
    network = registry.by_version("digits", 1).network
    released(services, 2)
    registry.refresh()
    assert registry.by_version("digits", 1).network is network
    assert registry.by_checkpoint(point).network is network


def test_the_cache_has_a_capacity(services: Services, registry: Registry) -> None:
    """The cache drops the least recently used network first."""
    points = [services.weights.upload(io.BytesIO(WEIGHTS), None, services.limits).id for _ in range(CAPACITY + 1)]
    first, second = (registry.by_checkpoint(point).network for point in points[:2])
    assert registry.by_checkpoint(points[0]).network is first  # now the second is the least recently used
    for point in points[2:]:
        registry.by_checkpoint(point)
    assert registry.by_checkpoint(points[0]).network is first
    assert registry.by_checkpoint(points[1]).network is not second
