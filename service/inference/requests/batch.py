"""What every reader of input ends in: rows for the network, and a report on each."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.errors import FieldError, InvalidImage, InvalidInput, TooLarge, UnsupportedMedia
from service.inference.limits import InputLimits
from service.inference.pictures.images import read_image
from service.inference.pictures.preprocess import FAIR_CONTRAST, contrast_warnings, plainly_dark_on_light
from service.inference.pictures.report import PIXELS, PLAIN, SIDE, PreparationReport, PreparedImage
from service.inference.pictures.scaling import to_bytes, to_unit

HALF = 0.5
Item = PreparedImage | NDArray[np.float32]
"""One digit as read: a picture with its report, or (784,) numbers from 0 to 1."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """Digits ready for the network.

    Attributes:
        rows: What the network is given.
        seen: What was done to each, in the same order.
        many: Whether the caller sent a list, and expects one back, be it of one.

    Shapes:
        rows: (n, 784), float32 from 0 to 1, contiguous.
    """

    rows: NDArray[np.float32]
    seen: tuple[PreparationReport, ...]
    many: bool


class PictureReader:
    """Reads the pictures of one request, and keeps count of their pixels.

    Args:
        limits: Of the request.
    """

    def __init__(self, limits: InputLimits) -> None:
        self.limits = limits
        self._pixels_left = limits.max_request_pixels

    def read(self, data: bytes, pointer: str, *, media_type: str | None) -> PreparedImage:
        """Read the next picture; what is wrong with it is said of *pointer*.

        Raises:
            InvalidInput: As `read_image`, with the place.
            TooLarge: As `read_image`, or the request has too many pixels in all.
        """
        try:
            seen = read_image(data, self.limits, media_type=media_type)
        except InvalidImage as error:
            raise InvalidImage(str(error), FieldError(pointer, str(error))) from None
        except TooLarge as error:
            raise TooLarge(f"{pointer}: {error}" if pointer else str(error)) from None
        except UnsupportedMedia as error:
            raise InvalidInput.at(pointer, str(error)) from None
        self._pixels_left -= seen.width * seen.height
        if self._pixels_left < 0:
            limit = self.limits.max_request_pixels
            raise TooLarge(f"The pictures of one request have more than {limit:,} pixels in all.")
        return seen


def joined(items: Sequence[Item], *, many: bool) -> Batch:
    """One batch of digits that were read one by one."""
    rows = np.concatenate([_row(item) for item in items]).reshape(len(items), PIXELS)
    told = [item if isinstance(item, PreparedImage) else None for item in items]
    pictures = tuple(report for report in told if report is not None)
    if len(pictures) == len(items):
        return Batch(rows=rows, seen=pictures, many=many)
    return _settled(rows, told, many=many)


def from_rows(rows: NDArray[np.float32], *, many: bool) -> Batch:
    """A batch of digits that came as one array.

    Shapes:
        rows: (n, 784), from 0 to 1.
    """
    return _settled(rows, [None] * len(rows), many=many)


def _row(item: Item) -> NDArray[np.float32]:
    return to_unit(item.pixels.ravel()) if isinstance(item, PreparedImage) else item


def _settled(rows: NDArray[np.float32], told: Sequence[PreparationReport | None], *, many: bool) -> Batch:
    """Do for arrays of pixels what was done for pictures of 28x28: the same digit gets the same answer."""
    sums: list[float] = np.add.reduce(rows, axis=1).tolist()  # as `sum`, `max` and `min` do, less their wrapping
    light = [number for number, total in enumerate(sums) if total > HALF * PIXELS and told[number] is None]
    dark = [number for number in light if plainly_dark_on_light(to_bytes(rows[number]))]
    if dark:
        rows = rows.copy()
        rows[dark] = 1 - rows[dark]
    depths: list[float] = (255 * (np.maximum.reduce(rows, axis=1) - np.minimum.reduce(rows, axis=1))).tolist()
    pale = [number for number, depth in enumerate(depths) if depth < FAIR_CONTRAST]
    seen = [report or PLAIN for report in told]
    for number in {*dark, *pale}:
        seen[number] = told[number] or _report(depths[number], inverted=number in dark)
    return Batch(rows=rows, seen=tuple(seen), many=many)


def _report(depth: float, *, inverted: bool) -> PreparationReport:
    return PreparationReport(width=SIDE, height=SIDE, inverted=inverted, warnings=contrast_warnings(depth))
