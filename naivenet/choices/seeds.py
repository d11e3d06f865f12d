"""Makes random generators from a seed: one for each purpose, so that no two purposes share their numbers."""

from numbers import Integral

import numpy as np

from naivenet.errors import ParameterError

_PURPOSES = {"initial weights": 0, "epoch order": 1, "augmentation": 2, "share of a set": 3}


def check_seed(seed: int) -> int:
    """Return *seed*, if it is valid.

    Raises:
        ParameterError: *seed* is not a whole number of at least 0.
    """
    if not isinstance(seed, Integral) or isinstance(seed, bool) or seed < 0:
        raise ParameterError(f"a seed must be a whole number of at least 0, not {seed!r}")
    return int(seed)


def generator(seed: int | None, purpose: str, *numbers: int) -> np.random.Generator:
    """Return a purpose's generator with these *numbers*, such as the epoch. Without a seed, it differs at each call.

    Raises:
        ParameterError: *seed* is not a whole number of at least 0.
    """
    entropy = None if seed is None else check_seed(seed)
    sequence = np.random.SeedSequence(entropy, spawn_key=(_PURPOSES[purpose], *(numbers or (0,))))
    return np.random.Generator(np.random.PCG64(sequence))
