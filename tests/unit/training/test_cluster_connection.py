"""What keeps a trainer from a Ray cluster is named before anything is connected."""

import sys

import pytest

from service.errors import Misconfigured
from service.training.cluster.connection import load_ray, reach


def test_a_missing_ray_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Ray the error names the setting that needs it, and the extra to install."""
    load_ray.cache_clear()
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(Misconfigured) as caught:
        load_ray()
    assert str(caught.value) == "NAIVENET_EXECUTOR=ray needs Ray: pip install 'naivenet[ray]'."


def test_an_address_that_is_none_is_named() -> None:
    """An address without a port is refused."""
    with pytest.raises(Misconfigured, match="NAIVENET_RAY_ADDRESS: 'head' is no address"):
        reach("head")
