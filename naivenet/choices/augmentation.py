"""Augmentation: how far each image is moved, turned, bent and thickened before a network learns from it."""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Le

from naivenet.choices.parameters import Number, Parameters

Pixels = Annotated[Number, Ge(0), Le(14)]
Degrees = Annotated[Number, Ge(0), Le(180)]
Share = Annotated[Number, Ge(0), Le(0.9)]
Slant = Annotated[Number, Ge(0), Le(2)]
Thickness = Annotated[Number, Ge(0), Le(1)]


@dataclass(frozen=True, kw_only=True)
class Augmentation(Parameters):
    """The largest changes of an image. Each change is drawn anew in each epoch, between its limit and the opposite one.

    Attributes:
        shift: Pixels to the side, and up or down.
        rotation: Degrees.
        scale: Width and height, each by a factor of its own between 1 - scale and 1 + scale.
        slant: Pixels to the side for each pixel up, as of italic type.
        thickness: How many pixels strokes grow or shrink on each side.
        elastic: The standard deviation, in pixels, of a smooth random displacement, as of a hand that wavers. Simard
            et al., "Best practices for convolutional neural networks applied to visual document analysis", 2003.

    Raises:
        ParameterError: A value is of the wrong type or out of range.
    """

    shift: Pixels = 1.5
    rotation: Degrees = 12.0
    scale: Share = 0.15
    slant: Slant = 0.2
    thickness: Thickness = 0.5
    elastic: Pixels = 0.8
