"""The order of the samples in each epoch."""

import numpy as np
from numpy.typing import NDArray

from naivenet.choices.seeds import generator


def epoch_order(samples: int, *, epoch: int, seed: int, shuffle: bool) -> NDArray[np.int32]:
    """Return the order of the samples in an epoch: their own, or a permutation drawn from *seed* and *epoch*.

    The order depends on nothing else, so that training can resume at any step of any epoch.

    Shapes:
        returns: (samples,), each number from 0 to samples - 1 once.
    """
    if not shuffle:
        return np.arange(samples, dtype=np.int32)
    return generator(seed, "epoch order", epoch).permutation(samples).astype(np.int32)
