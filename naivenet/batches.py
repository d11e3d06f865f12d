"""Cuts the samples into batches, and says in which order an epoch takes them."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from naivenet.choices.seeds import generator
from naivenet.errors import ParameterError, ShapeError


class BatchGenerator:
    """The batches of one epoch, in the order of the samples: `next` gives one slice after the other.

    Shapes:
        images: (samples, ...) -> (batch_size, ...), the last batch shorter where it does not come out even.
        labels: (samples,) -> (batch_size,).

    Raises:
        ShapeError: There are not as many labels as images.
        ParameterError: *batch_size* is less than 1.
    """

    def __init__(self, images: Any, labels: Any, batch_size: int = 128) -> None:
        if len(images) != len(labels):
            raise ShapeError(f"there are {len(images)} images, but {len(labels)} labels")
        self.index = 0
        self.images = images
        self.labels = labels
        self.batch_size = batch_size
        self.num_batches = count_batches(len(images), batch_size)

    def next(self) -> tuple[Any, Any]:
        """Give the next batch of images and its labels."""
        images = self.images[self.index : self.index + self.batch_size]
        labels = self.labels[self.index : self.index + self.batch_size]
        self.index += self.batch_size
        return images, labels


def count_batches(samples: int, batch_size: int) -> int:
    """How many batches *samples* make, a shorter last one included.

    Raises:
        ParameterError: *batch_size* is less than 1.
    """
    if batch_size < 1:
        raise ParameterError(f"batch_size must be at least 1, not {batch_size}")
    return math.ceil(samples / batch_size)


def epoch_order(samples: int, *, epoch: int, seed: int, shuffle: bool) -> NDArray[np.int32]:
    """Order in which an epoch takes the samples: their own, or a permutation for each epoch and seed.

    It depends on nothing else, so that training can be entered again at any step of any epoch.

    Shapes:
        returns: (samples,), each number from 0 to samples - 1 once.
    """
    if not shuffle:
        return np.arange(samples, dtype=np.int32)
    return generator(seed, "epoch order", epoch).permutation(samples).astype(np.int32)
