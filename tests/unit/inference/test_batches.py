"""A batch is prepared at once, with the same result as its images one by one."""

import threading

import numpy as np
import pytest
from numpy.typing import NDArray

from service.inference.pictures.preprocess import are_laid_out_on_black, is_laid_out_on_black, prepare_28x28
from service.inference.requests.batch import Batch, Instance, prepare_together

Bytes = NDArray[np.uint8]


def mixed(images: Bytes) -> NDArray[np.float32]:
    """Digits as they are, dark on light, off the middle, small, dim, blank, white, and noise: (n, 784), read-only."""
    others = [255 - images[0], np.roll(images[1], 6, axis=1), np.roll(images[2], -5, axis=0), images[3] // 8]
    others += [np.zeros_like(images[0]), np.full_like(images[0], 255)]
    others += [np.random.default_rng(3).integers(0, 256, (28, 28), np.uint8)]
    rows = np.concatenate([images, others]).reshape(-1, 784) / np.float32(255)
    rows.flags.writeable = False
    return rows


def test_a_batch_is_laid_out_as_its_images_are(mnist: dict[str, Bytes]) -> None:
    """The answer for a whole batch is the answer for each image."""
    rows = mixed(mnist["x_test"][:300])
    alone = [is_laid_out_on_black(row.reshape(28, 28)) for row in rows]
    assert are_laid_out_on_black(rows).tolist() == alone
    assert 200 < sum(alone) < len(rows)


def test_a_batch_is_prepared_as_its_images_are(mnist: dict[str, Bytes]) -> None:
    """Rows and reports are the same, and the request's own numbers stay as they are."""
    rows = mixed(mnist["x_test"][:30])
    before = rows.copy()
    batch = Batch(rows, many=True)
    alone = [Batch(row[np.newaxis], many=False) for row in rows]
    assert np.array_equal(batch.rows, np.concatenate([each.rows for each in alone]))
    assert [each.method for each in batch.reports] == [each.reports[0].method for each in alone]
    assert [each.warnings for each in batch.reports] == [each.reports[0].warnings for each in alone]
    assert np.array_equal(rows, before)


def test_digits_of_several_requests_are_prepared_as_each_one(mnist: dict[str, Bytes]) -> None:
    """Bytes, fractions and images together have the rows and reports that each has by itself."""
    rows = mixed(mnist["x_test"][:30])
    digits: list[Instance] = []
    for number, row in enumerate(rows):
        grey = np.rint(row * 255).astype(np.uint8)
        digits.append([row, grey, prepare_28x28(grey.reshape(28, 28))][number % 3])
    alone, batches = [[Batch([each], many=False) for each in digits] for _ in range(2)]
    together = prepare_together(batches)
    assert np.array_equal(together.rows, np.concatenate([each.rows for each in alone]))
    for one, other in zip(alone, batches, strict=True):
        assert np.array_equal(one.rows, other.rows)
        assert (one.reports[0].method, one.reports[0].warnings) == (other.reports[0].method, other.reports[0].warnings)


def test_a_batch_does_not_wait_for_the_preparation_of_another(
    mnist: dict[str, Bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a thread prepares a large one, the event loop prepares its own."""
    begun, may_end = threading.Event(), threading.Event()

    def slow(rows: NDArray[np.float32]) -> NDArray[np.bool_]:
        begun.set()
        may_end.wait()
        return are_laid_out_on_black(rows)

    monkeypatch.setattr("service.inference.requests.batch.are_laid_out_on_black", slow)
    large, lone = Batch(mixed(mnist["x_test"][:30]), many=True), Batch([mnist["x_test"][0].reshape(784)], many=False)
    threads = [threading.Thread(target=each.prepare) for each in (large, lone)]
    threads[0].start()
    assert begun.wait(60)
    threads[1].start()
    threads[1].join(10)
    has_waited = threads[1].is_alive()
    may_end.set()
    for each in threads:
        each.join()
    assert not has_waited
