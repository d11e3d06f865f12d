"""The batch that every reader of requests returns: rows for the network, and a report on the preparation of each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from naivenet.datasets import PIXELS, SIDE
from service.errors import FieldError, InvalidImage, TooLarge
from service.inference.limits import InputLimits
from service.inference.pictures.images import read_image
from service.inference.pictures.preprocess import LOW_CONTRAST, contrast_warnings, is_dark_on_light
from service.inference.pictures.report import UNCHANGED, PreparationReport, PreparedImage
from service.inference.pictures.scaling import to_bytes, to_unit

HALF = 0.5

Rows = NDArray[np.float32]
"""Digits as the network takes them: (n, 784), from 0 to 1."""

Row = NDArray[np.float32]
"""One of them: (784,)."""

Instance = PreparedImage | Row
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
        warnings: What each image is reported with.
    """

    def __init__(self, limits: InputLimits, warnings: tuple[str, ...] = ()) -> None:
        self.limits, self._warnings = limits, warnings
        self._pixels_left = limits.max_request_pixels

    def read(self, data: bytes, pointer: str, *, media_type: str | None) -> PreparedImage:
        """Read the next image; errors name *pointer* as its place.

        Raises:
            InvalidImage: As `read_image`.
            TooLarge: As `read_image`, or the images of the request have too many pixels together.
        """
        try:
            image = read_image(data, self.limits, media_type=media_type, warnings=self._warnings)
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


def join(instances: Sequence[Instance], *, many: bool) -> Batch:
    """Make one batch of instances that were read one by one, in their order."""
    arrays = [each for each in instances if not isinstance(each, PreparedImage)]
    if len(arrays) == len(instances):
        return prepare_rows(_stack(arrays), many=many)
    prepared = _each(prepare_rows(_stack(arrays), many=many)) if arrays else iter(())
    pairs = [
        (to_unit(each.pixels.ravel()), each) if isinstance(each, PreparedImage) else next(prepared)
        for each in instances
    ]
    rows, reports = zip(*pairs, strict=True)
    return Batch(rows=_stack(rows), reports=reports, many=many)


def prepare_rows(rows: Rows, *, many: bool) -> Batch:
    """Prepare arrays of pixels as 28x28 images are prepared, so that the same digit gets the same prediction.

    Shapes:
        rows: (n, 784), from 0 to 1.
    """
    sums: list[float] = np.add.reduce(rows, axis=1).tolist()  # as rows.sum(axis=1), without its overhead
    inverted = [
        total > HALF * PIXELS and is_dark_on_light(to_bytes(rows[number]))  # the first is a cheap necessary condition
        for number, total in enumerate(sums)
    ]
    if any(inverted):
        rows = rows.copy()
        rows[inverted] = 1 - rows[inverted]
    contrasts: list[float] = (255 * (np.maximum.reduce(rows, axis=1) - np.minimum.reduce(rows, axis=1))).tolist()
    reports = tuple(_report(contrast, inverted=each) for contrast, each in zip(contrasts, inverted, strict=True))
    return Batch(rows=rows, reports=reports, many=many)


def _stack(rows: Sequence[Row]) -> Rows:
    return np.concatenate(rows).reshape(len(rows), PIXELS)


def _each(batch: Batch) -> Iterator[tuple[Row, PreparationReport]]:
    return zip(batch.rows, batch.reports, strict=True)


def _report(contrast: float, *, inverted: bool) -> PreparationReport:
    if contrast >= LOW_CONTRAST and not inverted:
        return UNCHANGED
    return PreparationReport(width=SIDE, height=SIDE, inverted=inverted, warnings=contrast_warnings(contrast))
