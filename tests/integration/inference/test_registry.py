"""What is loaded, and for how long."""

import gc
import weakref

import pytest

import naivenet
from service.composition import Services
from service.inference.answers.registry import CAPACITY, Registry
from tests.stored import notebook_weights

WEIGHTS = naivenet.to_safetensors(notebook_weights())


@pytest.fixture
def registry(services: Services) -> Registry:
    """Finds networks by the services' rows."""
    return Registry(services.models, services.checkpoints, services.weights)


def released(services: Services, version: int) -> str:
    """A new checkpoint as that version of the digits, with the alias `live` on it; its id."""
    point = services.weights.upload(WEIGHTS, None, services.limits)
    assert services.models.add_version("digits", point.id).version == version
    services.models.set_alias("digits", "live", version)
    return point.id


def test_a_network_goes_when_no_alias_points_at_it(services: Services, registry: Registry) -> None:
    """A service that trains for weeks holds the newest version, not all that ever answered."""
    released(services, 1)
    first = weakref.ref(registry.by_alias("digits", "live").network)
    released(services, 2)
    registry.refresh()
    gc.collect()
    assert first() is None


def test_a_network_that_was_asked_for_stays(services: Services, registry: Registry) -> None:
    """By its version or its checkpoint: the next request need not load it again, alias or not."""
    point = released(services, 1)
    network = registry.by_version("digits", 1).network
    released(services, 2)
    registry.refresh()
    assert registry.by_version("digits", 1).network is network
    assert registry.by_checkpoint(point).network is network


def test_so_many_stay_and_no_more(services: Services, registry: Registry) -> None:
    """The one that was not asked for longest is the first to go."""
    points = [services.weights.upload(WEIGHTS, None, services.limits).id for _ in range(CAPACITY + 1)]
    first, second = (registry.by_checkpoint(point).network for point in points[:2])
    assert registry.by_checkpoint(points[0]).network is first  # asked for again: now the second has waited longest
    for point in points[2:]:
        registry.by_checkpoint(point)
    assert registry.by_checkpoint(points[0]).network is first
    assert registry.by_checkpoint(points[1]).network is not second
