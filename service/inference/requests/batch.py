"""The batch that every reader of requests returns: digits, their rows for the network, and a report on each."""

from collections.abc import Sequence
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

Instances = Sequence[Instance] | Rows

Prepared = tuple[Rows, tuple[PreparationReport, ...]]


class Batch:
    """The digits of a request, which are prepared when their rows or reports are first needed.

    Args:
        instances: The digits as they were read.
        many: Whether the client sent a list, even of one, and so gets a list of predictions.
        options: How the client wants arrays of pixels prepared.
    """

    def __init__(self, instances: Instances, *, many: bool, options: PrepareOptions = AUTO) -> None:
        self.instances, self.many, self._options = instances, many, options
        self._prepared: Prepared | None = None

    def __len__(self) -> int:
        """Return the number of digits."""
        return len(self.instances)

    @property
    def rows(self) -> Rows:
        """The network's input.

        Shapes:
            result: (n, 784), float32 from 0 to 1, contiguous.
        """
        return self.prepare()[0]

    @property
    def reports(self) -> tuple[PreparationReport, ...]:
        """What was done to each digit, in the same order."""
        return self.prepare()[1]

    def prepare(self) -> Prepared:
        """Prepare the digits, unless they are; return rows and reports."""
        if self._prepared is None:
            self._prepared = _prepare(self.instances, self._options)
        return self._prepared

    def take(self, rows: Rows, report: PreparationReport) -> None:
        """Take over what was prepared together with others, instead of preparing the only digit."""
        self._prepared = rows, (report,)


def prepare_together(batches: Sequence[Batch]) -> Batch:
    """Prepare batches of one digit each, without options, as one batch; return that, too."""
    together = Batch([each.instances[0] for each in batches], many=True)
    rows, reports = together.prepare()
    for number, each in enumerate(batches):
        each.take(rows[number : number + 1], reports[number])
    return together


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


def _prepare(instances: Instances, options: PrepareOptions) -> Prepared:
    """Prepare arrays of pixels as 28x28 images are prepared, so that the same digit gets the same prediction."""
    if len(instances) == 1:  # the hot path
        row, report = _prepared(instances[0], options)
        return row.reshape(1, PIXELS), (report,)
    if options is not AUTO:
        pairs = [_prepared(each, options) for each in instances]
        return np.stack([row for row, _ in pairs]), tuple(report for _, report in pairs)
    is_array = np.array([not isinstance(each, PreparedImage) for each in instances])
    rows = instances if isinstance(instances, np.ndarray) else np.stack([_row(each) for each in instances])
    reports = [each if isinstance(each, PreparedImage) else UNCHANGED for each in instances]
    others = np.flatnonzero(is_array & ~(are_laid_out_on_black(rows) & (rows.max(axis=1) >= LEAST_PLAIN)))
    if len(others) and rows is instances:
        rows = rows.copy()  # they may be the request's own bytes
    for number in others.tolist():
        rows[number], reports[number] = _prepared(instances[number], options)
    return rows, tuple(reports)


def _row(instance: Instance) -> Row:
    """Return the digit as it is, scaled to 0 to 1."""
    pixels: Pixels = instance.pixels.ravel() if isinstance(instance, PreparedImage) else instance
    return to_unit(pixels) if pixels.dtype == np.uint8 else pixels


def _prepared(instance: Instance, options: PrepareOptions) -> tuple[Row, PreparationReport]:
    """Return the row for the network; numbers that are not moved stay exactly as they are."""
    if isinstance(instance, PreparedImage):
        return to_unit(instance.pixels.ravel()), instance
    are_bytes = instance.dtype == np.uint8
    is_plain = options is AUTO and is_laid_out_on_black(instance.reshape(SIDE, SIDE))
    if is_plain and np.maximum.reduce(instance) >= (LOW_CONTRAST if are_bytes else LEAST_PLAIN):
        return _row(instance), UNCHANGED
    image = prepare(instance.reshape(SIDE, SIDE) if are_bytes else to_bytes(instance), (SIDE, SIDE), options)
    if are_bytes or image.method != "none":
        return to_unit(image.pixels.ravel()), image
    return (1 - instance if image.inverted else instance), image
