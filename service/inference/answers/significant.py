"""Rounds numbers for JSON: four significant digits are enough for a picture, and take a third of the bytes."""

import numpy as np
from numpy.typing import NDArray

DIGITS = 4


def significant(values: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return *values* with four significant digits; numbers that are not finite stay as they are."""
    exact = values.astype(np.float64)
    sizes = np.abs(exact)
    is_plain = np.isfinite(exact) & (sizes > 0)
    powers = np.log10(sizes, where=is_plain, out=np.zeros_like(exact))
    decimals = DIGITS - 1 - np.floor(powers)
    up, down = 10.0 ** np.maximum(decimals, 0), 10.0 ** np.maximum(-decimals, 0)  # exact, as 0.001 is not
    rounded: NDArray[np.float64] = np.rint(exact * up / down) * down / up
    return rounded
