"""The parameters of charts."""

from typing import Literal, TypedDict

#: The media types of a chart's forms, by the suffix of a file.
MEDIA_TYPES = {
    ".json": "application/vnd.vegalite.v6+json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}


class Look(TypedDict, total=False):
    """How a chart looks: *width* and *height* in pixels, and *scale*, how many pixels of a PNG each of them is."""

    theme: Literal["light", "dark"]
    language: Literal["en", "es"]
    width: int
    height: int
    scale: float
