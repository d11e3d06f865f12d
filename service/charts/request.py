"""What is asked of a draughtsman: which chart, of which numbers, in which form, and how it is to look."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any, Literal

import orjson

Chart = Literal["curve", "epochs", "compare", "confusion", "histograms", "drift", "units"]
Form = Literal["svg", "png", "json"]
Theme = Literal["light", "dark"]
Language = Literal["en", "es"]

#: The media type of each form. Vega-Lite's says which major version reads it.
FORMS: Mapping[Form, str] = {
    "svg": "image/svg+xml",
    "png": "image/png",
    "json": "application/vnd.vegalite.v6+json",
}

#: Who draws: with another version the same order may give other bytes.
_DRAWN_BY = ("altair", "vl-convert-python", "naivenet")


@dataclass(frozen=True, kw_only=True)
class Look:
    """How a chart is to look.

    Attributes:
        width: Of the whole picture, in pixels; so is *height*.
        scale: How many pixels of a PNG one of these is.
        live: Whether somebody can point at it, and is told what is there.
    """

    theme: Theme = "light"
    language: Language = "en"
    width: int = 720
    height: int = 360
    scale: float = 1.0
    live: bool = False


@dataclass(frozen=True, kw_only=True)
class ChartRequest:
    """A chart that is wanted.

    Attributes:
        data: What it shows, ready for JSON; a number that is not finite becomes null.
    """

    chart: Chart
    form: Form
    look: Look
    data: Mapping[str, Any]

    def line(self) -> bytes:
        """The order as one line of JSON."""
        return orjson.dumps(asdict(self), option=orjson.OPT_SERIALIZE_NUMPY)

    def digest(self) -> str:
        """Names what will be drawn, before it is: the same order gives the same bytes by the same packages."""
        drawn_by = " ".join(version(name) for name in _DRAWN_BY)
        return hashlib.sha256(drawn_by.encode() + self.line()).hexdigest()
