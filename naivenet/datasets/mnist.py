"""MNIST by the call of ``keras.datasets.mnist``, from the copy in this package."""

import numpy as np

from naivenet.storage.datasets import Bytes, load

Pair = tuple[Bytes, Bytes]


def load_data() -> tuple[Pair, Pair]:
    """Return ``(x_train, y_train), (x_test, y_test)``, arrays of the caller's own. Nothing is downloaded.

    Shapes:
        x_train: (60000, 28, 28) uint8, 0 to 255.
        y_train: (60000,) uint8, 0 to 9.
        x_test, y_test: likewise, 10,000 samples.

    Raises:
        DatasetError: The installed file is damaged.
    """
    data = load("mnist")
    return (np.array(data.x_train), np.array(data.y_train)), (np.array(data.x_test), np.array(data.y_test))
