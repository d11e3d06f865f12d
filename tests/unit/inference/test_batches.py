"""A batch is prepared at once, with the same result as its images one by one."""

import numpy as np
from numpy.typing import NDArray

from service.inference.pictures.preprocess import are_laid_out_on_black, is_laid_out_on_black
from service.inference.requests.batch import prepare_rows

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
    batch = prepare_rows(rows, many=True)
    alone = [prepare_rows(row[np.newaxis], many=False) for row in rows]
    assert np.array_equal(batch.rows, np.concatenate([each.rows for each in alone]))
    assert [each.method for each in batch.reports] == [each.reports[0].method for each in alone]
    assert [each.warnings for each in batch.reports] == [each.reports[0].warnings for each in alone]
    assert np.array_equal(rows, before)
