"""What the network saw, told to whoever sent it: nobody should have to guess why a digit was misread."""

from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

SIDE = 28
PIXELS = SIDE * SIDE

WARNINGS = MappingProxyType(
    {
        "animated": "The picture has several frames; the first one was read.",
        "blank": "There is nothing to read; no digit is claimed.",
        "ink_at_edge": "Ink touches the edge of the picture: the digit may be cut off.",
        "low_contrast": "The ink differs little from its background.",
        "several_digits": "The ink falls into parts of similar height: it may be several digits.",
    }
)
"""Every warning code, and the sentence it stands for."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PreparationReport:
    """What was done to an input before the network saw it.

    Attributes:
        width: Of the picture as sent and the right way up, in pixels.
        height: Likewise.
        inverted: It was dark on light, and was turned into light on dark as MNIST is.
        crop: ``(left, top, right, bottom)`` of the ink, in pixels of the picture as sent, upright;
            ``None`` where the picture was taken as it is, or is blank.
        shift: ``(dx, dy)`` by which centring the mass moved the 20x20 box from the middle of the 28x28, in
            pixels of the latter; ``None`` with *crop*.
        warnings: Codes out of `WARNINGS`, sorted.
    """

    width: int
    height: int
    inverted: bool = False
    crop: tuple[int, int, int, int] | None = None
    shift: tuple[int, int] | None = None
    warnings: tuple[str, ...] = ()


PLAIN = PreparationReport(width=SIDE, height=SIDE)
"""Taken as it is, and nothing to say of it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PreparedImage(PreparationReport):
    """A picture as the network sees it, and what was done to make it so.

    Attributes:
        pixels: Light on dark, 0 to 255.

    Shapes:
        pixels: (28, 28), uint8.
    """

    pixels: NDArray[np.uint8]
