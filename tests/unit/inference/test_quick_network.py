"""One image alone is read by its pixels that are not zero, with the same answer."""

import numpy as np
import pytest
from numpy.typing import NDArray

from naivenet import NaiveSequential
from service.inference.answers.quick_network import QuickNetwork

Bytes = NDArray[np.uint8]


def test_one_image_has_the_outputs_that_it_has_in_a_batch(mnist: dict[str, Bytes], model: NaiveSequential) -> None:
    """The ranking is equal and the numbers differ by rounding, also for a blank image and one without zeros."""
    digits = mnist["x_test"][:200].reshape(-1, 784)
    rows = np.concatenate([digits, np.zeros_like(digits[:1]), 255 - digits[:1] // 2]) / np.float32(255)
    alone = np.concatenate([QuickNetwork(model)(row[np.newaxis]) for row in rows])
    together = QuickNetwork(model)(rows)
    assert np.array_equal(alone.argmax(axis=1), together.argmax(axis=1))
    np.testing.assert_allclose(alone, together, atol=1e-6)


@pytest.mark.parametrize("weight", [np.nan, np.inf])
def test_a_weight_that_is_not_finite_counts_also_for_a_black_pixel(model: NaiveSequential, weight: float) -> None:
    """A network that diverged gives the same answer to one image as to a batch: none."""
    diverged = model.numpy()
    diverged.layers[0].W[0] = weight
    row = np.eye(1, 784, k=400, dtype=np.float32)
    with np.errstate(invalid="ignore"):
        assert np.isnan(QuickNetwork(diverged)(row)).all()
