"""Checks images and labels where they come in, so that no graph fails later; scales bytes to floats."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from naivenet.backend import Tensor, tf
from naivenet.errors import ParameterError, ShapeError
from naivenet.layers import NaiveSequential

Images = NDArray[np.float32] | NDArray[np.uint8]


def checked_images(images: Any, input_size: int) -> Images:
    """Return the images as rows, of dtype uint8 or float32 as given.

    Shapes:
        images: (samples, ...), where the other axes have *input_size* numbers in all -> (samples, input_size).

    Raises:
        ShapeError: There is no image, or an image does not have *input_size* numbers.
        ParameterError: The dtype is neither uint8 nor float32.
    """
    array = np.asarray(images)
    if array.dtype not in (np.uint8, np.float32):
        raise ParameterError(f"images must be uint8 (0 to 255) or float32 (0 to 1), not {array.dtype}")
    if array.ndim < 2 or not len(array) or np.prod(array.shape[1:]) != input_size:  # noqa: PLR2004 -- sample, pixel
        raise ShapeError(
            f"the network takes images of {input_size} numbers, (samples, {input_size}), not {array.shape}"
        )
    return array.reshape(len(array), input_size)


def checked_labels(labels: Any, samples: int, classes: int) -> NDArray[np.int32]:
    """Return the labels of *samples* images as int32.

    Shapes:
        labels: (samples,) -> (samples,).

    Raises:
        ShapeError: There is not one label for each image.
        ParameterError: A label is not an integer from 0 to *classes* - 1.
    """
    array = np.asarray(labels)
    if array.dtype.kind not in "iu":
        raise ParameterError(f"labels must be integers, not {array.dtype}")
    if array.shape != (samples,):
        raise ShapeError(f"there are {samples} images, so labels must be ({samples},), not {array.shape}")
    if array.min() < 0 or array.max() >= classes:
        raise ParameterError(
            f"labels must be from 0 to {classes - 1}, since the network has {classes} classes, "
            f"but are from {array.min()} to {array.max()}"
        )
    return array.astype(np.int32)


def checked_samples(model: NaiveSequential, images: Any, labels: Any) -> tuple[Images, NDArray[np.int32]]:
    """Return images and labels in the form that *model* takes; see `checked_images` and `checked_labels`."""
    rows = checked_images(images, model.input_size)
    return rows, checked_labels(labels, len(rows), model.output_size)


def scaled(images: Tensor) -> Tensor:
    """Return bytes (0 to 255) as float32 (0 to 1), and float32 unchanged; an array stays an array."""
    if images.dtype != np.uint8:
        return images
    if isinstance(images, np.ndarray):
        return images.astype(np.float32) / np.float32(255)
    # a graph multiplies by the reciprocal, even if the code divides; so eager calls do the same
    return tf.cast(images, tf.float32) * (np.float32(1) / np.float32(255))
