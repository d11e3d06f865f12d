"""Checks images and labels where they come in, so that no graph fails later; scales bytes to floats."""

import math
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from naivenet.backend import Tensor, tf
from naivenet.choices.activations import Activation
from naivenet.choices.own_layers import AnyLayer, known_size
from naivenet.errors import ParameterError, ShapeError, warn
from naivenet.own_models import check_model, dense_layers, is_described, on_numpy

Images = NDArray[np.float32] | NDArray[np.uint8]

_PROBABILITIES = ("softmax", "sigmoid")
_MOST = 1.001  # a softmax may be rounded up


def checked_images(images: Any, input_size: int | None) -> Images:
    """Return the images as rows, of dtype uint8 as given, or as float32. Without an *input_size*, the shape stays.

    Shapes:
        images: (samples, ...), where the other axes have *input_size* numbers in all -> (samples, input_size).

    Raises:
        ShapeError: There is no image, or an image does not have *input_size* numbers.
        ParameterError: The dtype is neither uint8 nor one of floats.
    """
    array = _array(images, "images")
    if array.dtype.kind == "f":
        array = np.asarray(array, np.float32)
    if array.dtype not in (np.uint8, np.float32):
        right = "uint8" if array.dtype.kind in "iu" else "float32"
        raise ParameterError(
            f"images must be uint8 (0 to 255) or floats (0 to 1), not {array.dtype}: images.astype('{right}')"
        )
    if array.shape[:1] == (0,):
        raise ShapeError(f"there are no images: the array has shape {array.shape}")
    size = math.prod(array.shape[1:]) if input_size is None else input_size
    if array.ndim < 2 or math.prod(array.shape[1:]) != size:  # noqa: PLR2004 -- sample, pixel
        single = ": for a single image, images[None]" if math.prod(array.shape) == size else ""
        raise ShapeError(f"the network takes images of {size} numbers, (samples, {size}), not {array.shape}{single}")
    return array if input_size is None else array.reshape(len(array), size)


def checked_labels(labels: Any, samples: int, classes: int) -> NDArray[np.int32]:
    """Return the labels of *samples* images as int32.

    Shapes:
        labels: (samples,) -> (samples,).

    Raises:
        ShapeError: There is not one label for each image.
        ParameterError: A label is not an integer from 0 to *classes* - 1.
    """
    array = _array(labels, "labels")
    if array.dtype.kind not in "iu":
        raise ParameterError(
            f"labels must be integers, not {array.dtype}: labels.astype('int32'), or labels.argmax(axis=1) if they are "
            "one-hot"
        )
    if array.shape != (samples,):
        rows = array.ndim == 2 and len(array) == samples  # noqa: PLR2004 -- a row for each image
        hint = "" if not rows else ": labels.reshape(-1)" if array.shape[1] == 1 else ": labels.argmax(axis=1)"
        raise ShapeError(f"there are {samples} images, so labels must be ({samples},), not {array.shape}{hint}")
    if array.min() < 0 or array.max() >= classes:
        raise ParameterError(
            f"labels must be from 0 to {classes - 1}, since the network has {classes} classes, "
            f"but are from {array.min()} to {array.max()}"
        )
    return array.astype(np.int32)


def checked_rows(model: AnyLayer, images: Any) -> Images:
    """Return images in the form that *model* takes; see `checked_images`."""
    check_model(model)
    return checked_images(images, known_size(model, "input_size"))


def checked_samples(
    model: AnyLayer, images: Any, labels: Any, *, trains: bool = False
) -> tuple[Images, NDArray[np.int32]]:
    """Return images and labels in the form that *model* takes; see `checked_images` and `checked_labels`.

    If the model *trains* on them, its outputs should be probabilities: others get a warning.
    """
    rows = checked_rows(model, images)
    return rows, checked_labels(labels, len(rows), _count_classes(model, rows, trains=trains))


def checked_pair(samples: Any, name: str) -> tuple[Any, Any]:
    """Return the images and labels of the option *name*.

    Raises:
        ParameterError: *samples* is no pair.
    """
    if not isinstance(samples, tuple | list) or len(samples) != 2:  # noqa: PLR2004 -- images and labels
        raise ParameterError(f"{name} must be a pair, {name}=(images, labels), not {type(samples).__name__}")
    return samples[0], samples[1]


def check_range(*each: Images) -> None:
    """Warn once of float images beyond 1, as bytes that were not divided by 255; images below 0 are normalized.

    Raises:
        ParameterError: A number is NaN or infinite.
    """
    for images in each:
        largest = images.max() if images.dtype != np.uint8 else 0
        if not np.isfinite(largest):
            raise ParameterError(
                "the images contain NaN or infinity: replace them, for example by np.nan_to_num(images)"
            )
        if largest > 1 and images.min() >= 0:
            warn(f"float images should be from 0 to 1, but reach {largest:g}: divide them, images / 255")
            return


def as_bytes(images: Images) -> NDArray[np.uint8]:
    """Return images as bytes from 0 to 255, those of floats rounded.

    Raises:
        ParameterError: A float is below 0 or above 1.
    """
    if images.dtype == np.uint8:
        return cast(NDArray[np.uint8], images)
    if images.min() < 0 or images.max() > 1:
        raise ParameterError(
            f"augment needs images of bytes, or of floats from 0 to 1, but these are from {images.min():g} to "
            f"{images.max():g}: normalize them in the first layer"
        )
    return np.rint(images * 255).astype(np.uint8)


def _array(values: Any, name: str) -> NDArray[Any]:
    """Return *values* as an array.

    Raises:
        ParameterError: They make none, such as rows of different lengths or a ``tf.data.Dataset``.
    """
    try:
        array = np.asarray(values)
        if array.dtype == object:  # a column of arrays, or of the nullable numbers of pandas
            array = np.asarray(array.tolist())
    except ValueError as error:
        raise ParameterError(f"{name} must be an array, but its rows have different lengths") from error
    if array.dtype == object:
        raise ParameterError(f"{name} must be an array of numbers, not {type(values).__name__}")
    return array


def _count_classes(model: AnyLayer, rows: Images, *, trains: bool) -> int:
    """Return the number of classes of *model*: as it says, or else from its answer to two images.

    This call also makes the weights of layers that make them when they are called first, as those of Keras do.
    """
    if is_described(model):
        last = dense_layers(model)[-1]
        name = cast(Activation, last.activation).name
        if trains and name not in _PROBABILITIES:
            warn(_no_probabilities(f"its activation is {name}"))
        return last.output_size
    try:
        outputs = model(scaled(rows[:2] if on_numpy(model) else tf.constant(rows[:2])))
    except tf.errors.InvalidArgumentError as error:
        raise ShapeError(
            f"the model cannot take images of shape {rows.shape[1:]}; reshape them, or add a layer that does: "
            f"{error.message}"
        ) from error
    if outputs is None:
        raise ParameterError("the model returns None for its images: end its __call__, or that of a layer, with return")
    if len(outputs.shape) != 2 or len(outputs) != len(rows[:2]):  # noqa: PLR2004 -- sample, class
        raise ShapeError(
            f"the model must return one row of probabilities for each image, but for {rows[:2].shape} it returns "
            f"{tuple(outputs.shape)}"
        )
    values = np.asarray(outputs)
    if trains and (values.min() < 0 or values.max() > _MOST):
        warn(_no_probabilities(f"they reach from {values.min():.3g} to {values.max():.3g}"))
    return int(outputs.shape[1])


def _no_probabilities(reason: str) -> str:
    return (
        f"the outputs of the last layer are no probabilities, {reason}: the loss cuts them off at 0 and 1, and the "
        "network learns little; give the last layer the activation softmax"
    )


def scaled(images: Tensor) -> Tensor:
    """Return bytes (0 to 255) as float32 (0 to 1), and float32 unchanged; an array stays an array."""
    if images.dtype != np.uint8:
        return images
    if isinstance(images, np.ndarray):
        return images.astype(np.float32) / np.float32(255)
    # a graph multiplies by the reciprocal, even if the code divides; so eager calls do the same
    return tf.cast(images, tf.float32) * (np.float32(1) / np.float32(255))
