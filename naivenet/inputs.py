"""Checks images and labels once, where they come in, so that nothing later fails in the middle of a graph."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from naivenet.backend import tf
from naivenet.errors import ParameterError, ShapeError

Images = NDArray[np.float32] | NDArray[np.uint8]


def checked_images(images: Any, input_size: int) -> Images:
    """Images as one row each: bytes as they are, or float32.

    Shapes:
        images: (samples, ...), where the rest multiplies to *input_size* -> (samples, input_size).

    Raises:
        ShapeError: There is no image, or they are not of *input_size* numbers.
        ParameterError: They are neither uint8 nor float32.
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
    """Labels of *samples* images as int32.

    Shapes:
        labels: (samples,) -> (samples,).

    Raises:
        ShapeError: They are not one a sample.
        ParameterError: They are no integers, or one is not from 0 to *classes* - 1.
    """
    array = np.asarray(labels)
    if array.dtype.kind not in "iu":
        raise ParameterError(f"labels must be integers, not {array.dtype}")
    if array.shape != (samples,):
        raise ShapeError(f"there are {samples} images, so labels must be ({samples},), not {array.shape}")
    if array.min() < 0 or array.max() >= classes:
        raise ParameterError(
            f"labels must be from 0 to {classes - 1}, as the network answers {classes} classes, "
            f"but are from {array.min()} to {array.max()}"
        )
    return array.astype(np.int32)


def checked_samples(model: Any, images: Any, labels: Any) -> tuple[Images, NDArray[np.int32]]:
    """Images and labels that fit *model*; `checked_images` and `checked_labels` say what does not."""
    rows = checked_images(images, model.input_size)
    return rows, checked_labels(labels, len(rows), model.output_size)


def scaled(images: Any) -> Any:
    """Bytes from 0 to 255 as float32 from 0 to 1, float32 as it is; of an array or of a tensor."""
    if images.dtype != np.uint8:
        return images
    floats = images.astype(np.float32) if isinstance(images, np.ndarray) else tf.cast(images, tf.float32)
    return floats / np.float32(255)
