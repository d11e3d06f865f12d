"""What preprocessing did to an input, so that the client can see why a digit was misread."""

from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from naivenet.datasets import SIDE

WARNINGS = MappingProxyType(
    {
        "animated": "The image has several frames; the first one was read.",
        "blank": "The image is blank; no digit is predicted.",
        "extra_fields": "The text fields of the form, beside its files, were not read.",
        "ink_at_edge": "Ink touches the edge of the image: the digit may be cut off.",
        "low_contrast": "The ink differs little from its background.",
        "mislabelled": "The image is declared as another format than its bytes show; the bytes were read.",
        "several_digits": "The ink falls into parts of similar height: it may be several digits.",
    }
)
"""Every warning code, and what it means."""


REMOVED = MappingProxyType(
    {
        "bars": "Bars or a frame at the border of the image were cut off.",
        "desk": "Only the sheet of paper was read; the desk around it was cut off.",
        "dust": "Specks were removed.",
        "edge": "Ink at the edge of the image was removed: it is a border or an object beside the paper.",
        "far": "Ink far from the digit was removed.",
        "frame": "A box or a circle around the digit was removed.",
        "point": "A comma or full stop behind the digit was removed.",
        "rules": "The lines of the paper were removed.",
        "underline": "A line below the digit was removed.",
    }
)
"""Every code of what is removed from an image, and what it means."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PreparationReport:
    """What was done to an input before the network saw it.

    Attributes:
        width: Width of the upright image before preprocessing, in pixels.
        height: Its height.
        inverted: Whether it was dark on light, and was inverted to light on dark, as MNIST is.
        crop: The bounding box of the ink as ``(left, top, right, bottom)``, in pixels of the upright image;
            ``None`` if the image was laid out as MNIST's are, or is blank.
        shift: ``(dx, dy)`` in pixels of the 28x28: how far centring the mass moved the digit from the middle;
            ``None`` if *crop* is.
        removed: Codes from `REMOVED`, sorted.
        warnings: Codes from `WARNINGS`, sorted.
    """

    width: int
    height: int
    inverted: bool = False
    crop: tuple[int, int, int, int] | None = None
    shift: tuple[int, int] | None = None
    removed: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


UNCHANGED = PreparationReport(width=SIDE, height=SIDE)
"""The report on a 28x28 that needed no preprocessing and caused no warning."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PreparedImage(PreparationReport):
    """An image ready for the network, with the report on its preprocessing.

    Attributes:
        pixels: Light on dark, 0 to 255.

    Shapes:
        pixels: (28, 28), uint8.
    """

    pixels: NDArray[np.uint8]
