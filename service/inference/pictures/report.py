"""What preprocessing did to an input, so that the client can see why a digit was misread."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from naivenet.datasets import SIDE

Prepare = Literal["auto", "always", "never"]
"""What a client chooses: ``auto`` leaves a 28x28 as it is if it is laid out as MNIST's are, and prepares all others."""

Method = Literal["none", "centred", "found", "scaled"]
"""What was done: nothing but an inversion; a 28x28 was scaled and centred; the digit was found in a picture of any
size; or the whole picture was scaled to 28x28."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PrepareOptions:
    """How a client wants its pictures prepared.

    Attributes:
        prepare: Whether to prepare them.
        trace: Whether to keep a small picture of each step.
    """

    prepare: Prepare = "auto"
    trace: bool = False


AUTO = PrepareOptions()

WARNINGS: Mapping[str, str] = MappingProxyType(
    {
        "animated": "The image has several frames; the first one was read.",
        "blank": "No ink was found, so no digit is predicted. Draw it larger, or come closer.",
        "extra_fields": "The text fields of the form, beside its files, were not read.",
        "ink_at_edge": "Ink touches the edge of the image: the digit may be cut off. Leave space around it.",
        "low_contrast": "The ink differs little from its paper. Use a darker pen, or more light.",
        "mislabelled": "The image is declared as another format than its bytes show; the bytes were read.",
        "not_centred": "The 28x28 is not laid out as MNIST's digits are, and was read as it is. Leave even paper "
        "around the digit, or send it with prepare=always.",
        "several_digits": "The image shows several digits, and one was read. Crop it to one digit.",
        "uncertain": "The digit could also be another one. Write it larger and more clearly, or come closer.",
        "uneven_light": "The light on the paper is uneven. Come closer, or turn so that no shadow or glare is on it.",
    }
)
"""Every warning code, and what it means and what to do."""

REMOVED: Mapping[str, str] = MappingProxyType(
    {
        "bars": "Bars or a frame at the border of the image were cut off.",
        "desk": "Only the sheet of paper was read; the desk around it was cut off.",
        "dust": "Specks were removed.",
        "edge": "Ink at the edge of the image was removed: it is a border or an object beside the paper. "
        "If it was the digit, leave space around it.",
        "far": "Ink far from the digit was removed. If it belongs to the digit, draw it closer.",
        "frame": "A box or a circle around the digit was removed.",
        "point": "A comma or full stop behind the digit was removed.",
        "rules": "The lines of the paper were removed.",
        "underline": "A line below the digit was removed.",
    }
)
"""Every code of what is removed from an image, and what it means."""

STEPS: Mapping[str, str] = MappingProxyType(
    {
        "paper": "The paper within the picture, without bars and desk.",
        "light": "The paper with its light evened.",
        "ink": "The ink.",
        "removed": "The ink that is not the digit's.",
        "digit": "The digit, with strokes of usual strength and width.",
        "input": "The 28x28 that the network reads.",
    }
)
"""Every step whose picture a trace shows, in order."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PreparationReport:
    """What was done to an input before the network saw it.

    Attributes:
        width: Width of the upright image before preprocessing, in pixels.
        height: Its height.
        prepare: What the client chose.
        method: What was done.
        inverted: Whether it was dark on light, and was inverted to light on dark, as MNIST is.
        crop: The bounding box of the ink as ``(left, top, right, bottom)``, in pixels of the upright image;
            ``None`` if the method is neither ``centred`` nor ``found``, and for a blank image.
        shift: ``(dx, dy)`` in pixels of the 28x28: how far centring the mass moved the digit from the middle;
            ``None`` if *crop* is.
        removed: Codes from `REMOVED`, sorted.
        warnings: Codes from `WARNINGS`, sorted.
        doubts: Warnings to add if the network turns out to be uncertain of the digit: what may be the reason.
        steps: With `PrepareOptions.trace`: names from `STEPS`, each with a small picture.
    """

    width: int
    height: int
    prepare: Prepare = "auto"
    method: Method = "none"
    inverted: bool = False
    crop: tuple[int, int, int, int] | None = None
    shift: tuple[int, int] | None = None
    removed: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    steps: tuple[tuple[str, NDArray[np.uint8]], ...] = field(default=(), compare=False, repr=False)


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
