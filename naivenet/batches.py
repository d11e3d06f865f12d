"""Batches: consecutive slices of the training set."""

import math
from numbers import Integral

from naivenet.backend import Tensor
from naivenet.errors import ParameterError, ShapeError


class BatchGenerator:
    """The batches of one epoch, in the order of the samples: each call of `next` returns the next slice.

    A new epoch needs a new generator.

    Shapes:
        images: (samples, ...) -> (batch_size, ...); the last batch may be shorter.
        labels: (samples,) -> (batch_size,).

    Raises:
        ShapeError: The numbers of images and labels differ.
        ParameterError: *batch_size* is less than 1.
    """

    def __init__(self, images: Tensor, labels: Tensor, batch_size: int = 128) -> None:
        if len(images) != len(labels):
            raise ShapeError(f"there are {len(images)} images, but {len(labels)} labels: pass one label per image")
        self.index = 0
        self.images = images
        self.labels = labels
        self.batch_size = batch_size
        self.num_batches = count_batches(len(images), batch_size)

    def next(self) -> tuple[Tensor, Tensor]:
        """Return the next batch: its images and its labels.

        Raises:
            ParameterError: The epoch is over.
        """
        if self.index >= len(self.images):
            raise ParameterError(
                f"the epoch is over after {self.num_batches} batches: make a new BatchGenerator for the next one"
            )
        images = self.images[self.index : self.index + self.batch_size]
        labels = self.labels[self.index : self.index + self.batch_size]
        self.index += self.batch_size
        return images, labels


def count_batches(samples: int, batch_size: int) -> int:
    """Return the number of batches in one epoch of *samples* samples, a shorter last one included.

    Raises:
        ParameterError: *batch_size* is no whole number of at least 1.
    """
    if not isinstance(batch_size, Integral) or batch_size < 1:
        raise ParameterError(f"batch_size must be a whole number of at least 1, not {batch_size!r}")
    return math.ceil(samples / batch_size)
