"""The shipped network becomes the first version of ``digits`` once, on SQLite and on PostgreSQL."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from naivenet.datasets import MNIST_TEST_SET
from service import shipped_network
from service.composition import Services
from service.domain.claims import Claim
from service.domain.model import Version
from service.errors import StillInUse
from service.storage.blobs import digest
from tests.stored import checkpoint

REPLICAS = 4


def _versions(services: Services) -> list[Version]:
    return list(services.models.get("digits").versions)


def _live(services: Services) -> int:
    return next(each.version for each in services.models.get("digits").aliases if each.alias == "live")


def _add(services: Services, accuracy: float, *, test_set: str | None = MNIST_TEST_SET) -> None:
    """Add a version of a network that was trained here."""
    added = services.checkpoints.add(checkpoint(accuracy=accuracy, test_set=test_set))
    services.models.add_version("digits", added.id)


def test_it_becomes_the_first_version(services: Services) -> None:
    """It is live, says what it is, and its checkpoint has the bytes of the package."""
    shipped_network.register(services)
    (version,) = _versions(services)
    assert (version.version, version.shipped, version.job_id, version.test_accuracy) == (1, True, None, 0.9915)
    stored = services.checkpoints.get(version.checkpoint_id)
    assert (stored.shipped, stored.test_set, stored.sha256) == (True, MNIST_TEST_SET, shipped_network.SHA256)
    assert digest(services.weights.read(stored)) == shipped_network.SHA256
    assert _live(services) == 1


def test_processes_that_start_together_register_it_once(services: Services) -> None:
    """There is one version, and one file in the store."""
    with ThreadPoolExecutor(REPLICAS) as pool:
        list(pool.map(shipped_network.register, [services] * REPLICAS))
    (version,) = _versions(services)
    assert [name for name in services.blobs.names() if name.startswith("ckpt_")] == [
        f"{version.checkpoint_id}.safetensors"
    ]


def test_it_does_not_come_back(services: Services) -> None:
    """What the operator deleted stays deleted at the next start."""
    shipped_network.register(services)
    (version,) = _versions(services)
    with pytest.raises(StillInUse, match="'live'"):
        services.models.delete_version("digits", 1)
    services.models.set_alias("digits", "live", 1)
    _add(services, 0.5)
    services.models.set_alias("digits", "live", 2)
    services.models.delete_version("digits", 1)
    services.weights.delete(version.checkpoint_id)
    shipped_network.register(services)
    assert [each.version for each in _versions(services)] == [2]


def test_an_installation_with_versions_is_left_alone(services: Services) -> None:
    """So is one whose operator has switched it off."""
    off = services.settings.model_copy(update={"shipped_network": False})
    object.__setattr__(services, "settings", off)  # as if the process had started with it
    shipped_network.register(services)
    assert not _versions(services)
    object.__setattr__(services, "settings", off.model_copy(update={"shipped_network": True}))
    _add(services, 0.5)
    shipped_network.register(services)
    assert [each.shipped for each in _versions(services)] == [False]


def test_it_stands_in_until_a_network_of_ones_own_reads_well(services: Services) -> None:
    """A bad experiment does not replace it; one that reads 98 % of MNIST does, and then the best counts."""
    shipped_network.register(services)
    steps = [(0.89, 1), (0.9799, 1), (0.981, 4), (0.5, 4), (0.983, 6)]
    for number, (accuracy, live) in enumerate(steps, start=2):
        _add(services, accuracy)
        assert (len(_versions(services)), _live(services)) == (number, live)


def test_a_score_on_other_images_does_not_replace_it(services: Services) -> None:
    """A network that was measured on another test set, or on none that is known, is not compared with it."""
    shipped_network.register(services)
    _add(services, 1.0, test_set="threes")
    _add(services, 1.0, test_set=None)
    assert _live(services) == 1


def test_the_first_job_is_the_second_version(services: Services, succeeded: Callable[..., Claim]) -> None:
    """A job's result names its own version."""
    shipped_network.register(services)
    result = services.jobs.get(succeeded(0.75).job_id).result
    assert result
    assert result.model_version == 2
