"""Fixtures with real data: all of MNIST, and its first images for tests that need only a few."""

import os
from collections.abc import Iterator

import numpy as np
import pytest

# Must be set before TensorFlow starts; otherwise it logs the processor's features in every run
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from naivenet import datasets


@pytest.fixture(scope="session", autouse=True)
def cache_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Give this session its own cache folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NAIVENET_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def mnist(cache_dir: None) -> datasets.Dataset:
    """All of MNIST."""
    return datasets.load("mnist")


@pytest.fixture(scope="session")
def few(mnist: datasets.Dataset) -> tuple[np.ndarray, np.ndarray]:
    """The first 1,000 training images, (1000, 784) float32 in [0, 1], and their labels."""
    images = mnist.x_train[:1000].reshape(1000, 784).astype("float32") / 255
    return images, np.array(mnist.y_train[:1000])


@pytest.fixture
def small(few: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """300 images and their labels."""
    return few[0][:300], few[1][:300]
