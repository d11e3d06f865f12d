"""Thinning a curve to fewer points keeps what its reader must see: its ends, extremes and NaN."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from service.domain.thinning import MIN_POINTS, thin

CURVES = arrays.arrays(np.float32, st.integers(1, 400), elements=st.floats(-1e6, 1e6, width=32))
POINTS = st.integers(MIN_POINTS, 200)


@given(curve=CURVES, points=POINTS)
def test_ends_and_extremes_stay(curve: NDArray[np.float32], points: int) -> None:
    """The first, last, lowest and highest points stay, in order, each once, and at most *points* in all."""
    shown = thin(curve, points)
    assert len(shown) <= points
    assert np.array_equal(shown, np.unique(shown))
    assert {0, len(curve) - 1} <= set(shown.tolist())
    assert (curve[shown].min(), curve[shown].max()) == (curve.min(), curve.max())


@given(curve=CURVES, points=POINTS, at=st.integers(0, 399))
def test_a_nan_stays(curve: NDArray[np.float32], points: int, at: int) -> None:
    """A NaN stays at any position, and so do the first and the last point."""
    curve[at % len(curve)] = np.nan
    shown = thin(curve, points)
    assert np.isnan(curve[shown]).any()
    assert {0, len(curve) - 1} <= set(shown.tolist())
    assert len(shown) <= points


@pytest.mark.parametrize("length", [0, 1, 4])
def test_a_short_curve_is_unchanged(length: int) -> None:
    """A curve with few enough points keeps all of them."""
    assert thin(np.zeros(length, np.float32), MIN_POINTS).tolist() == list(range(length))


def test_a_spike_stays() -> None:
    """A single spike among a hundred thousand points stays."""
    curve = np.zeros(100_000, np.float32)
    curve[54_321] = 9
    assert 54_321 in thin(curve, 100)
