"""The batch that every reader of requests returns: rows for the network, and a report on the preparation of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from naivenet.datasets import PIXELS, SIDE
from service.errors import FieldError, InvalidImage, TooLarge
from service.inference.limits import InputLimits
from service.inference.pictures.images import read_image
from service.inference.pictures.preprocess import LOW_CONTRAST, are_laid_out_on_black, is_laid_out_on_black, prepare
from service.inference.pictures.report import AUTO, UNCHANGED, PreparationReport, PreparedImage, PrepareOptions
from service.inference.pictures.scaling import to_bytes, to_unit

LEAST_PLAIN = LOW_CONTRAST / 255  # the brightest pixel of an array without a warning

Rows = NDArray[np.float32]
"""Digits as the network takes them: (n, 784), from 0 to 1."""

Row = NDArray[np.float32]
"""One of them: (784,)."""

Pixels = NDArray[Any]
"""One digit that is not prepared yet: (784,), float32 from 0 to 1, or uint8 from 0 to 255."""

Instance = PreparedImage | Pixels
"""One digit of a request: an image, prepared already, or an array of pixels, not prepared yet."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """Digits ready for the network.

    Attributes:
        rows: The network's input.
        reports: What was done to each digit, in the same order.
        many: Whether the client sent a list, even of one, and so gets a list of predictions.

    Shapes:
        rows: (n, 784), float32 from 0 to 1, contiguous.
    """

    rows: Rows
    reports: tuple[PreparationReport, ...]
    many: bool


class ImageReader:
    """Reads the images of one request, and keeps count of their pixels.

    Args:
        limits: Of the request.
        options: How the client wants them prepared.
        warnings: What each image is reported with.
    """

    def __init__(self, limits: InputLimits, options: PrepareOptions = AUTO, *, warnings: tuple[str, ...] = ()) -> None:
        self.limits, self.options, self._warnings = limits, options, warnings
        self._pixels_left = limits.max_request_pixels

    def read(self, data: bytes, pointer: str, *, media_type: str | None) -> PreparedImage:
        """Read the next image; errors name *pointer* as its place.

        Raises:
            InvalidImage: As `read_image`.
            TooLarge: As `read_image`, or the images of the request have too many pixels together.
        """
        try:
            image = read_image(data, self.limits, self.options, media_type=media_type, warnings=self._warnings)
        except InvalidImage as error:
            code = error.errors[0].code if error.errors else "invalid"
            raise InvalidImage(str(error), FieldError(pointer, str(error), code)) from None
        except TooLarge as error:
            raise TooLarge(f"{pointer}: {error}" if pointer else str(error)) from None
        self._pixels_left -= image.width * image.height
        if self._pixels_left < 0:
            limit = self.limits.max_request_pixels
            raise TooLarge(f"The images of one request have more than {limit:,} pixels together.")
        return image


def join(instances: Sequence[Instance], *, many: bool, options: PrepareOptions = AUTO) -> Batch:
    """Make one batch of instances that were read one by one, in their order."""
    pairs = [
        (to_unit(each.pixels.ravel()), each) if isinstance(each, PreparedImage) else _prepared(each, options)
        for each in instances
    ]
    return _batch(pairs, many=many)


def prepare_rows(rows: Rows, *, many: bool, options: PrepareOptions = AUTO) -> Batch:
    """Prepare arrays of pixels as 28x28 images are prepared, so that the same digit gets the same prediction.

    Shapes:
        rows: (n, 784), from 0 to 1.
    """
    if len(rows) == 1 or options is not AUTO:
        return _batch([_prepared(row, options) for row in rows], many=many)
    reports: list[PreparationReport] = [UNCHANGED] * len(rows)
    others = np.flatnonzero(~(are_laid_out_on_black(rows) & (rows.max(axis=1) >= LEAST_PLAIN)))
    if len(others):
        rows = rows.copy()  # they may be the request's own bytes
    for number in others.tolist():
        rows[number], reports[number] = _prepared(rows[number], options)
    return Batch(rows=rows, reports=tuple(reports), many=many)


def _batch(pairs: Sequence[tuple[Row, PreparationReport]], *, many: bool) -> Batch:
    if len(pairs) == 1:  # the hot path
        row, report = pairs[0]
        return Batch(rows=row.reshape(1, PIXELS), reports=(report,), many=many)
    rows, reports = zip(*pairs, strict=True)
    return Batch(rows=np.concatenate(rows).reshape(len(rows), PIXELS), reports=reports, many=many)


def _prepared(pixels: Pixels, options: PrepareOptions) -> tuple[Row, PreparationReport]:
    """Return the row for the network; numbers that are not moved stay exactly as they are."""
    are_bytes = pixels.dtype == np.uint8
    is_plain = options is AUTO and is_laid_out_on_black(pixels.reshape(SIDE, SIDE))
    if is_plain and np.maximum.reduce(pixels) >= (LOW_CONTRAST if are_bytes else LEAST_PLAIN):
        return to_unit(pixels) if are_bytes else pixels, UNCHANGED
    image = prepare(pixels.reshape(SIDE, SIDE) if are_bytes else to_bytes(pixels), (SIDE, SIDE), options)
    if are_bytes or image.method != "none":
        return to_unit(image.pixels.ravel()), image
    return (1 - pixels if image.inverted else pixels), image
