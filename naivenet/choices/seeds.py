"""Turns a seed into random generators, one for each purpose, so that no two purposes share their numbers."""

from numbers import Integral

import numpy as np

from naivenet.errors import ParameterError

_PURPOSES = {"initial weights": 0, "epoch order": 1}


def check_seed(seed: int) -> int:
    """Refuse what is no seed.

    Raises:
        ParameterError: *seed* is not a whole number of 0 or more.
    """
    if not isinstance(seed, Integral) or isinstance(seed, bool) or seed < 0:
        raise ParameterError(f"a seed is a whole number of 0 or more, not {seed!r}")
    return int(seed)


def generator(seed: int | None, purpose: str, number: int = 0) -> np.random.Generator:
    """Make the generator of a *number* within a purpose of *seed*; without a seed, one that never repeats.

    Raises:
        ParameterError: *seed* is not a whole number of 0 or more.
    """
    entropy = None if seed is None else check_seed(seed)
    sequence = np.random.SeedSequence(entropy, spawn_key=(_PURPOSES[purpose], number))
    return np.random.Generator(np.random.PCG64(sequence))
