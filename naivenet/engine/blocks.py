"""The augmented images of a run: a block of some thousand at a time, so that no chunk waits for a whole epoch."""

import math
from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from naivenet.choices.augmentation import Augmentation
from naivenet.choices.seeds import generator
from naivenet.engine.augmented import Bytes, augmented
from naivenet.errors import ShapeError

Samples = tuple[Bytes, NDArray[np.int32]]

_IMAGES = 4096  # augmented in about 10 ms


class AugmentedBlocks:
    """Cuts each epoch into blocks of whole batches, and augments their images.

    A block depends on the seed, the epoch and its number only, so a run that resumes trains on the same images.

    Args:
        samples: The images of the training set, (samples, ...), and their labels, (samples,).
        order: Returns the sample numbers of an epoch in their order.
        augmentation: What changes the images.
        batch_size: Images in each step.
        seed: The seed of the run.

    Attributes:
        batches: The number of batches in a block; the last block of an epoch may have fewer.

    Raises:
        ShapeError: The images are not squares.
    """

    def __init__(
        self,
        samples: Samples,
        order: Callable[[int], NDArray[np.int32]],
        *,
        augmentation: Augmentation,
        batch_size: int,
        seed: int,
    ) -> None:
        (self._images, self._labels), self._order = samples, order
        self._side = _side(self._images)
        self._augmentation, self._seed = augmentation, seed
        self.batches = max(1, _IMAGES // batch_size)
        self._size = self.batches * batch_size
        self.block = lru_cache(maxsize=1)(self._block)

    def epoch(self, epoch: int) -> Samples:
        """Return the images and labels of an epoch, counted from 0, in its order."""
        order = self._order(epoch)
        blocks = [self._block(epoch, number)[0] for number in range(-(-len(order) // self._size))]
        return np.concatenate(blocks)[: len(order)], self._labels[order]

    def _block(self, epoch: int, number: int) -> Samples:
        """Return the images and labels of a block. Zeros fill up a shorter last one, as XLA compiles for one shape."""
        order = self._order(epoch)
        chosen = order[number * self._size :][: self._size]
        size = min(self._size, len(order))
        images = np.zeros((size, *self._images.shape[1:]), np.uint8)
        labels = np.zeros(size, np.int32)
        rng = generator(self._seed, "augmentation", epoch, number)
        squares = self._images[chosen].reshape(-1, self._side, self._side)
        images[: len(chosen)] = augmented(squares, self._augmentation, rng).reshape(-1, *images.shape[1:])
        labels[: len(chosen)] = self._labels[chosen]
        return images, labels


def _side(images: Bytes) -> int:
    pixels = math.prod(images.shape[1:])
    side = math.isqrt(pixels)
    if side * side != pixels:
        raise ShapeError(f"augment needs square images with one number for each pixel, not {images.shape[1:]}")
    return side
