"""The same network in several libraries: 784 to 512 (relu) to 10 (softmax), batches of 128, unshuffled.

Each module is imported in its own process, so that none has another's memory or threads.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import naivenet

BATCH = 128
INPUTS, HIDDEN, CLASSES = naivenet.datasets.PIXELS, 512, naivenet.datasets.CLASSES
RATES = {"sgd": 0.001, "adam": 0.001}


@dataclass(frozen=True, kw_only=True)
class Run:
    """A prepared training run.

    Attributes:
        first_loss: Trains as little as the library can until a loss is known.
        train: Trains a number of epochs.
    """

    first_loss: Callable[[], Any]
    train: Callable[[int], Any]


def images_as_bytes() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return the 60,000 training images, (60000, 784), and their labels, as bytes."""
    data = naivenet.datasets.load()
    return data.x_train.reshape(-1, INPUTS), data.y_train


def images_as_floats() -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return the same as numbers from 0 to 1, as the notebook prepares them."""
    images, labels = images_as_bytes()
    return images.astype(np.float32) / np.float32(255), labels.astype(np.int64)


def initial_weights() -> list[NDArray[np.float32]]:
    """Return the notebook's ``[W1, b1, W2, b2]``, always the same."""
    rng = np.random.default_rng(1)
    shapes = [(INPUTS, HIDDEN), (HIDDEN,), (HIDDEN, CLASSES), (CLASSES,)]
    return [
        rng.uniform(0, 0.1, shape).astype(np.float32) if len(shape) > 1 else np.zeros(shape, np.float32)
        for shape in shapes
    ]
