"""Turns what users have into the body of a prediction request: paths, bytes, PIL images, arrays and lists.

NumPy and Pillow are recognised by what their objects can do, so that the client needs neither.
"""

import base64
import io
from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

#: What surely is one picture, and what surely is a batch. Arrays and lists of numbers can be either.
OnePicture: TypeAlias = str | PathLike[str] | bytes
ManyPictures: TypeAlias = list[str] | list[Path] | list[bytes]

SIDE = 28
PIXELS = SIDE * SIDE
BRIGHTEST = 255

#: The modes that a PNG can have; an image with another mode is converted to RGB.
_PNG_MODES = frozenset({"1", "L", "LA", "I", "I;16", "P", "RGB", "RGBA"})


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """The body of a prediction request.

    Attributes:
        content: Its bytes.
        media_type: Their content type.
        many: Whether it holds a batch, so that the answer is a list.
    """

    content: bytes
    media_type: str
    many: bool


def encode(pictures: Any) -> Body:
    """Return the request body for one picture, or for a batch.

    Args:
        pictures: One picture: a path, the bytes of an image file, a PIL image, or an array or nested list of 28×28 or
            784 numbers. A batch: a list of pictures, or an array of N×28×28 or N×784 numbers.

    Raises:
        FileNotFoundError: A path does not exist.
        TypeError: It is no picture.
        ValueError: An array or a list has another shape, or a batch is empty.
    """
    picture = _as_array(pictures)
    if _is_array(picture):
        return Body(content=_npy(picture), media_type="application/x-npy", many=_is_batch(tuple(picture.shape)))
    if isinstance(picture, Sequence) and not isinstance(picture, str | bytes | bytearray | memoryview):
        return _encode_list(picture)
    return _json(_instance(picture), many=False)


def instances(pictures: Any) -> list[dict[str, Any]]:
    """Return one picture, or each of a batch, as the API's JSON.

    Args:
        pictures: As `encode` takes them.

    Raises:
        FileNotFoundError: A path does not exist.
        TypeError: It is no picture.
        ValueError: An array or a list has another shape, or a batch is empty.
    """
    picture = _as_array(pictures)
    if _is_array(picture) and _is_batch(tuple(picture.shape)):
        return [_instance(each) for each in picture]
    is_list = isinstance(picture, Sequence) and not isinstance(picture, str | bytes | bytearray | memoryview)
    if not is_list or (picture and (_is_number(picture[0]) or _is_row(picture[0]))):
        return [_instance(picture)]
    if not picture:
        raise ValueError("The list has no picture.")
    return [_instance(each) for each in picture]


def _encode_list(items: Sequence[Any]) -> Body:
    if not items:
        raise ValueError("The list has no picture.")
    if _is_number(items[0]) or _is_row(items[0]):
        return _json({"pixels": _pixels(items)}, many=False)
    return _json({"instances": [_instance(each) for each in items]}, many=True)


def _instance(picture: Any) -> dict[str, Any]:
    """Return one picture as the API's JSON."""
    picture = _as_array(picture)
    match picture:
        case str() | PathLike():
            return {"image": _base64(Path(picture).read_bytes())}
        case bytes() | bytearray() | memoryview():
            return {"image": _base64(bytes(picture))}
    if _is_array(picture):
        if _is_batch(tuple(picture.shape)):
            raise ValueError(
                f"A list of pictures has an array of shape {tuple(picture.shape)}, which is a batch itself."
            )
        return {"pixels": _pixels(picture.reshape(-1).tolist())}
    if hasattr(picture, "save") and hasattr(picture, "mode"):
        return {"image": _base64(_png(picture))}
    if isinstance(picture, Sequence):
        return {"pixels": _pixels(picture)}
    raise TypeError(
        f"A {type(picture).__name__} is no picture; give a path, the bytes of an image file, a PIL image, "
        "or an array or list of 28×28 or 784 numbers."
    )


def _pixels(numbers: Sequence[Any]) -> list[Any]:
    """Return 28×28 or 784 numbers as plain lists; True and False become 1 and 0."""
    if not numbers:
        raise ValueError("The list has no picture.")
    if _is_row(numbers[0]):
        lengths = {len(row) if _is_row(row) else 0 for row in numbers}
        if len(numbers) != SIDE or lengths != {SIDE}:
            raise ValueError(
                f"A picture has 28 rows of 28 numbers; this one has {len(numbers)} rows of {_any(lengths)}."
            )
        return [_row(row) for row in numbers]
    if len(numbers) != PIXELS:
        raise ValueError(f"A picture has 28×28 or 784 numbers; this one has {len(numbers)}.")
    return _row(numbers)


def _row(numbers: Sequence[Any]) -> list[Any]:
    row = numbers.tolist() if hasattr(numbers, "tolist") else list(numbers)
    return [int(each) if isinstance(each, bool) else each for each in row]


def _any(lengths: set[int]) -> str:
    return " or ".join(map(str, sorted(lengths)))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) or (hasattr(value, "__float__") and not hasattr(value, "__len__"))


def _is_row(value: object) -> bool:
    """Return whether *value* is a list or array whose items are numbers."""
    if _is_array(value):
        return len(value.shape) == 1 and value.shape[0] != PIXELS  # type: ignore[attr-defined]  # an array has a shape
    return isinstance(value, list | tuple) and bool(value) and len(value) != PIXELS and _is_number(value[0])


def _is_array(value: object) -> bool:
    return hasattr(value, "__array_interface__") and hasattr(value, "tolist")


def _as_array(value: Any) -> Any:
    """Return the NumPy array of a tensor of TensorFlow or PyTorch, or of a pandas table; anything else as it is."""
    for method in ("numpy", "to_numpy"):
        if not _is_array(value) and callable(getattr(value, method, None)):
            return getattr(value, method)()
    return value


def _is_batch(shape: tuple[int, ...]) -> bool:
    """Return whether an array of this shape is a batch rather than one picture.

    Raises:
        ValueError: It is neither.
    """
    match shape:
        case (784,) | (28, 28) | (28, 28, 1):
            return False
        case (_, 784) | (_, 28, 28) | (_, 28, 28, 1):
            if shape[0] == 0:
                raise ValueError("The array has no picture: its first dimension is 0.")
            return True
    raise ValueError(f"An array of shape {shape} is no picture: (28, 28), (784,), (N, 28, 28) and (N, 784) are.")


def _npy(array: Any) -> bytes:
    """Return an array in NumPy's file format (version 1.0), without the dimension of a single channel."""
    array = _as_bytes_or_fractions(array)
    shape = tuple(array.shape)
    shape = shape[:-1] if shape[-1] == 1 else shape
    described = f"{{'descr': {array.dtype.str!r}, 'fortran_order': False, 'shape': {shape!r}, }}"
    head = described + " " * (-(len(described) + 11) % 64) + "\n"
    numbers: bytes = array.tobytes("C")
    return b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head.encode("latin-1") + numbers


def _as_bytes_or_fractions(array: Any) -> Any:
    """Return an array of uint8 or floats, as the service requires, with the rule of its JSON: 0 and 1 are fractions."""
    if array.dtype.kind not in "iub" or array.dtype == "u1":
        return array
    if array.dtype.kind != "b" and (array.min() < 0 or array.max() > BRIGHTEST):
        raise ValueError(f"Integers must be from 0 to 255; these are from {array.min()} to {array.max()}.")
    return array.astype("f4" if array.max() <= 1 else "u1")


def _png(image: Any) -> bytes:
    target = io.BytesIO()
    (image if image.mode in _PNG_MODES else image.convert("RGB")).save(target, format="PNG")
    return target.getvalue()


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _json(value: object, *, many: bool) -> Body:
    return Body(content=msgspec.json.encode(value, enc_hook=as_plain), media_type="application/json", many=many)


def as_plain(value: Any) -> Any:
    """Return a NumPy number or array as plain Python.

    Raises:
        TypeError: JSON cannot hold the value.
    """
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"JSON cannot hold a {type(value).__name__}.")
