"""Batches, and the order of the samples in an epoch."""

import numpy as np
import pytest

from naivenet import BatchGenerator, ParameterError, ShapeError, count_batches, epoch_order


def test_batches_are_the_slices_in_order() -> None:
    """Ten samples by four: two batches of four, and one of two."""
    images, labels = np.arange(20).reshape(10, 2), np.arange(10)
    batches = BatchGenerator(images, labels, batch_size=4)
    assert batches.num_batches == 3
    slices = [batches.next() for _ in range(batches.num_batches)]
    assert [len(batch) for batch, _ in slices] == [4, 4, 2]
    np.testing.assert_array_equal(np.concatenate([batch for batch, _ in slices]), images)
    np.testing.assert_array_equal(np.concatenate([batch for _, batch in slices]), labels)


def test_an_epoch_that_is_over_has_no_more_batches() -> None:
    """One generator for two epochs is refused: empty batches would make the loss and all weights NaN."""
    batches = BatchGenerator(np.zeros((10, 2)), np.zeros(10), batch_size=5)
    for _ in range(2):
        batches.next()
    with pytest.raises(ParameterError, match="over after 2 batches: make a new BatchGenerator"):
        batches.next()


def test_batches_are_of_128_unless_asked() -> None:
    """The notebook's 60,000 images make 469 batches."""
    assert BatchGenerator(np.zeros(60_000), np.zeros(60_000)).num_batches == 469


def test_unequal_lengths_are_refused() -> None:
    """The error names both lengths."""
    with pytest.raises(ShapeError, match="10 images, but 9 labels"):
        BatchGenerator(np.zeros(10), np.zeros(9))


def test_batches_of_nothing_are_refused() -> None:
    """A batch has at least one sample."""
    with pytest.raises(ParameterError, match="batch_size must be a whole number of at least 1, not 0"):
        count_batches(10, 0)


def test_without_shuffling_the_order_is_the_samples_own() -> None:
    """Without shuffling, the samples keep their order."""
    np.testing.assert_array_equal(epoch_order(5, epoch=3, seed=1, shuffle=False), [0, 1, 2, 3, 4])


def test_a_shuffled_epoch_takes_every_sample_once() -> None:
    """A shuffled order is a permutation."""
    order = epoch_order(1000, epoch=0, seed=1, shuffle=True)
    assert order.dtype == np.int32
    np.testing.assert_array_equal(np.sort(order), np.arange(1000))


def test_an_order_depends_on_seed_and_epoch_alone() -> None:
    """The same seed and epoch give the same order; another seed or epoch gives another order."""
    orders = [epoch_order(1000, epoch=e, seed=s, shuffle=True).tobytes() for e, s in [(0, 1), (0, 1), (1, 1), (0, 2)]]
    assert orders[0] == orders[1]
    assert len(set(orders)) == 3
