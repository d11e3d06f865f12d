"""The order of the samples in each epoch, of one set or of a mix of several."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Integral, Real

import numpy as np
from numpy.typing import NDArray

from naivenet.choices.seeds import generator
from naivenet.errors import ParameterError


@dataclass(frozen=True, kw_only=True)
class MixPart:
    """One set of a mix: consecutive training images, and how many times an epoch shows each of them.

    Attributes:
        samples: The number of its images.
        weight: How many times an epoch shows each of them. With 0.05 it shows a random twentieth, each epoch another.

    Raises:
        ParameterError: The number is not a whole number of at least 1, or the weight not a number above 0.
    """

    samples: int
    weight: float = 1.0

    def __post_init__(self) -> None:
        """Check the numbers."""
        if not isinstance(self.samples, Integral) or isinstance(self.samples, bool) or self.samples < 1:
            raise ParameterError(f"samples of a MixPart must be a whole number of at least 1, not {self.samples!r}")
        if not isinstance(self.weight, Real) or not 0 < self.weight < math.inf:
            raise ParameterError(f"weight of a MixPart must be a number above 0, not {self.weight!r}")

    @property
    def shown(self) -> int:
        """The number of images that an epoch shows, repetitions included; at least one."""
        return max(1, round(self.samples * self.weight))


def epoch_order(samples: int, *, epoch: int, seed: int, shuffle: bool) -> NDArray[np.int32]:
    """Return the order of the samples in an epoch: their own, or a permutation drawn from *seed* and *epoch*.

    The order depends on nothing else, so that training can resume at any step of any epoch.

    Shapes:
        returns: (samples,), each number from 0 to samples - 1 once.
    """
    if not shuffle:
        return np.arange(samples, dtype=np.int32)
    return generator(seed, "epoch order", epoch).permutation(samples).astype(np.int32)


def mixed_order(mix: Sequence[MixPart], *, epoch: int, seed: int, shuffle: bool) -> NDArray[np.int32]:
    """Return the order in which an epoch shows the samples of a mix, whose parts lie one after another.

    An epoch repeats the samples of a part whose weight is above 1. For a fraction, it shows a random share of them,
    another one in each epoch. Without *shuffle* each part keeps its own order, and all parts are spread evenly over
    the epoch.

    Like `epoch_order`, it depends on nothing but the seed and the epoch.

    Shapes:
        returns: (sum of what the parts show,), numbers from 0 to the sum of their samples - 1.
    """
    random, start = generator(seed, "share of a set", epoch), 0
    numbers, places = [], []
    for part in mix:
        chosen = _chosen(part, random)
        numbers.append(start + chosen)
        places.append((np.arange(len(chosen)) + 0.5) / len(chosen))
        start += part.samples
    spread = np.concatenate(numbers)[np.argsort(np.concatenate(places), kind="stable")]
    return spread[epoch_order(len(spread), epoch=epoch, seed=seed, shuffle=shuffle)].astype(np.int32)


def _chosen(part: MixPart, random: np.random.Generator) -> NDArray[np.int64]:
    """Return the numbers of the samples that an epoch shows of a part, in their own order. Shapes: (shown,)."""
    times, rest = divmod(part.shown, part.samples)
    share = np.sort(random.permutation(part.samples)[:rest]) if rest else np.empty(0, np.int64)
    return np.concatenate([np.tile(np.arange(part.samples), times), share])
