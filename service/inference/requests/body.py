"""The one door for input: a body and its content type in, a batch for the network out."""

from collections.abc import Iterable
from dataclasses import dataclass

from service.errors import InvalidInput, TooLarge, UnsupportedMedia
from service.inference.limits import InputLimits
from service.inference.pictures.formats import FORMATS, NAMES, PNG_SIGNATURE
from service.inference.requests.batch import Batch, PictureReader, from_rows, joined
from service.inference.requests.json_body import read_json
from service.inference.requests.npy_body import read_npy

JSON = "application/json"
NPY = frozenset({"application/x-npy", "application/npy", "application/x-numpy"})
READABLE = f"{NAMES} as image/*, {JSON}, application/x-npy, or files in multipart/form-data"

QUICK_BYTES = 65_536
QUICK_PIXELS = 65_536


@dataclass(frozen=True, kw_only=True, slots=True)
class File:
    """One file of a form.

    Attributes:
        data: Its bytes.
        media_type: What the sender says it is, or ``None``.
        pointer: Where an error says it stood.
    """

    data: bytes
    media_type: str | None = None
    pointer: str = "/file"


def read_body(body: bytes, content_type: str | None, limits: InputLimits) -> Batch:
    """Read a whole request body.

    Args:
        body: Its bytes.
        content_type: The header, parameters and all.
        limits: What it may cost.

    Raises:
        InvalidInput: The body is not what the contract says; names the place where it has one.
        InvalidImage: It is no picture, or a damaged one.
        TooLarge: It is over a limit.
        UnsupportedMedia: Nothing of that content type is read.
    """
    media_type = media_type_of(content_type)
    if media_type == JSON:
        return read_json(body, limits)
    if media_type in NPY:
        rows, many = read_npy(body, limits)
        return from_rows(rows, many=many)
    if not media_type.startswith("image/"):
        said = f"not {media_type}" if media_type else "and the request names no content type"
        raise UnsupportedMedia(f"We read {READABLE}; {said}.")
    _check_picture_type(media_type)
    return joined([PictureReader(limits).read(body, "", media_type=media_type)], many=False)


def read_files(files: Iterable[File], limits: InputLimits) -> Batch:
    """Read the pictures of a form; several make a batch.

    Raises:
        InvalidImage: One is no picture, or a damaged one; names the file.
        TooLarge: One, or all together, or their number, is over a limit.
        InvalidInput: There is none, or one is declared as something else than a picture.
    """
    reader = PictureReader(limits)
    items = [
        reader.read(file.data, file.pointer, media_type=media_type_of(file.media_type) or None)
        for file in _counted(list(files), limits)
    ]
    return joined(items, many=len(items) > 1)


def is_quick(body: bytes, content_type: str | None) -> bool:
    """Whether reading takes so little that it may be done on the event loop, in place.

    True of small JSON without pictures in it, small arrays, and PNG files of few pixels: what the hot path
    meets. Length alone says nothing: a hundred bytes of WebP can hold a picture of a hundred megabytes.
    """
    if len(body) > QUICK_BYTES:
        return False
    media_type = media_type_of(content_type)
    if media_type == JSON:
        return b'"image"' not in body and b"\\" not in body
    if body.startswith(PNG_SIGNATURE):
        return int.from_bytes(body[16:20]) * int.from_bytes(body[20:24]) <= QUICK_PIXELS
    return media_type in NPY


def media_type_of(content_type: str | None) -> str:
    """The media type of a ``Content-Type`` header, in lower case and without its parameters."""
    return (content_type or "").partition(";")[0].strip().lower()


def _check_picture_type(media_type: str) -> None:
    if media_type != "image/*" and not any(media_type in each.media_types for each in FORMATS):
        raise UnsupportedMedia(f"We read {READABLE}; not {media_type}.")


def _counted(files: list[File], limits: InputLimits) -> list[File]:
    if not files:
        raise InvalidInput.at("/file", "The form has no file, or ends within it.")
    if len(files) > limits.max_instances:
        raise TooLarge(f"The form has {len(files):,} files; the limit is {limits.max_instances:,}.")
    return files
