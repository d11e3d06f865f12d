"""Reads the body of a prediction request by its content type or its bytes, and returns a batch for the network."""

from collections.abc import Iterable
from dataclasses import dataclass

from service.domain.json_text import looks_like_json
from service.errors import InvalidInput, TooLarge, UnsupportedMedia
from service.inference.limits import InputLimits
from service.inference.pictures.foreign_formats import foreign_format
from service.inference.pictures.formats import FORMATS, NAMES, PNG, PNG_SIGNATURE
from service.inference.pictures.plain_png import plain_digit
from service.inference.pictures.report import AUTO, PrepareOptions
from service.inference.requests.batch import Batch, ImageReader
from service.inference.requests.json_body import read_json
from service.inference.requests.npy_body import NPY_SIGNATURE, read_npy

JSON = "application/json"
NPY = frozenset({"application/x-npy", "application/npy", "application/x-numpy"})
#: Content types that say nothing about the bytes: none, that of ``curl -d`` and ``--data-binary``, and the general one.
UNDECLARED = frozenset({"", "application/octet-stream", "application/x-www-form-urlencoded"})
SUPPORTED = f"{NAMES} as image/*, {JSON}, application/x-npy, or files in multipart/form-data"

JSON_STARTS = (b"{", b"[", b"")

QUICK_BYTES = 65_536
QUICK_PIXELS = 65_536


@dataclass(frozen=True, kw_only=True, slots=True)
class File:
    """One file of a form.

    Attributes:
        data: Its bytes.
        media_type: The media type that the client declares, or ``None``.
        pointer: Its place in the form, for errors.
    """

    data: bytes
    media_type: str | None = None
    pointer: str = "/file"


def read_body(body: bytes, content_type: str | None, limits: InputLimits, options: PrepareOptions = AUTO) -> Batch:
    """Read a whole request body.

    Args:
        body: Its bytes.
        content_type: The ``Content-Type`` header with its parameters.
        limits: Its limits.
        options: How to prepare its pictures.

    Raises:
        MalformedBody: The body is declared as JSON, and is none.
        InvalidInput: The body has a mistake; the error names the place.
        InvalidImage: The bytes are no image, or a damaged one.
        TooLarge: It is over a limit.
        UnsupportedMedia: The content type is not supported.
    """
    media_type = _type_of(body, content_type)
    if media_type == JSON:
        return read_json(body, limits, options)
    if media_type in NPY:
        rows, many = read_npy(body, limits)
        return Batch(rows, many=many, options=options)
    if not media_type.startswith("image/"):
        raise _unsupported(media_type)
    _check_image_type(media_type)
    declared = media_type_of(content_type)
    digit = plain_digit(body) if declared in PNG.media_types else None
    instance = ImageReader(limits, options).read(body, "", media_type=declared) if digit is None else digit
    return Batch([instance], many=False, options=options)


def read_files(
    files: Iterable[File], limits: InputLimits, options: PrepareOptions = AUTO, *, has_other_fields: bool = False
) -> Batch:
    """Read the images of a form; several make a batch.

    Args:
        files: The files of the form.
        limits: Its limits.
        options: How to prepare them.
        has_other_fields: Whether the form has fields that are no files; each image then gets a warning.

    Raises:
        InvalidImage: A file is no image, or a damaged one; the error names the file.
        TooLarge: A file, all files together, or their number is over a limit.
        InvalidInput: There is no file.
    """
    reader = ImageReader(limits, options, warnings=("extra_fields",) if has_other_fields else ())
    images = [
        reader.read(file.data, file.pointer, media_type=media_type_of(file.media_type) or None)
        for file in _counted(list(files), limits)
    ]
    return Batch(images, many=len(images) > 1)


def is_quick(body: bytes, content_type: str | None) -> bool:
    """Return whether reading is quick enough for the event loop; otherwise it belongs in a thread.

    Small JSON without images, small arrays, and PNG files of few pixels are quick. The length alone does not decide:
    a WebP of a hundred bytes can decode to a hundred megabytes.
    """
    if len(body) > QUICK_BYTES:
        return False
    media_type = _type_of(body, content_type)
    if media_type == JSON:
        return b'"image"' not in body and b"\\" not in body
    if body.startswith(PNG_SIGNATURE):
        return int.from_bytes(body[16:20]) * int.from_bytes(body[20:24]) <= QUICK_PIXELS
    return media_type in NPY


def media_type_of(content_type: str | None) -> str:
    """Return the media type of a ``Content-Type`` header, in lower case and without its parameters."""
    return (content_type or "").partition(";")[0].strip().lower()


def _type_of(body: bytes, content_type: str | None) -> str:
    """Return the media type that the bytes show, or where they show none, the declared one."""
    declared = media_type_of(content_type)
    if declared == JSON and body[:1] in JSON_STARTS:
        return JSON
    if body.startswith(NPY_SIGNATURE):
        return "application/x-npy"
    if body.startswith(PNG_SIGNATURE) or any(each.recognises(body) for each in FORMATS) or foreign_format(body):
        return "image/*"
    return JSON if declared in UNDECLARED and looks_like_json(body) else declared


def _check_image_type(media_type: str) -> None:
    if media_type != "image/*" and not any(media_type in each.media_types for each in FORMATS):
        raise _unsupported(media_type)


def _unsupported(media_type: str) -> UnsupportedMedia:
    fault = f"{media_type} is not supported" if media_type else "The request has no Content-Type header"
    return UnsupportedMedia(f"{fault}; send {SUPPORTED}.")


def _counted(files: list[File], limits: InputLimits) -> list[File]:
    if not files:
        raise InvalidInput.at("/file", "The form has no complete file; send each image as a file.")
    if len(files) > limits.max_instances:
        raise TooLarge(f"The form has {len(files):,} files; the limit is {limits.max_instances:,}.")
    return files
