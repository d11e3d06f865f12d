"""Test digits, and the served network, for tests of the serving protocols."""

from importlib import resources

import httpx2
import numpy as np
import pytest
from numpy.typing import NDArray

import naivenet
from tests.servers import Json

Floats = NDArray[np.float32]


@pytest.fixture(scope="session")
def rows() -> Floats:
    """Return five test digits as the network's input: (5, 784), from 0 to 1."""
    with np.load(str(resources.files("naivenet") / "data" / "mnist.npz"), allow_pickle=False) as file:
        images: NDArray[np.uint8] = file["x_test"][:5]
    return images.reshape(-1, 784) / np.float32(255)


@pytest.fixture(scope="session")
def version(trained: Json) -> int:
    """Return the version of ``digits`` that the trained job made."""
    number: int = trained["result"]["model_version"]
    return number


@pytest.fixture(scope="session")
def checkpoint(client: httpx2.Client, version: int) -> str:
    """Return that version's checkpoint."""
    versions = client.get("/v1/models/digits").json()["versions"]
    found: str = next(each["checkpoint_id"] for each in versions if each["version"] == version)
    return found


@pytest.fixture(scope="session")
def network(client: httpx2.Client, checkpoint: str) -> naivenet.NaiveSequential:
    """Return that version's network."""
    return naivenet.from_safetensors(client.get(f"/v1/checkpoints/{checkpoint}/weights").content)
