"""A request to the chart renderer: which chart, of which data, in which form, and its look."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any, Literal

import orjson

from service.messages import Language

Chart = Literal[
    "best_so_far",
    "compare",
    "confusion",
    "curve",
    "dots",
    "effects",
    "epochs",
    "groups",
    "histograms",
    "parallel",
    "units",
    "weight_history",
]
Form = Literal["svg", "png", "json"]
Theme = Literal["light", "dark"]

#: The media type of each form. Vega-Lite's contains its major version.
FORMS: Mapping[Form, str] = {
    "svg": "image/svg+xml",
    "png": "image/png",
    "json": "application/vnd.vegalite.v6+json",
}

#: The packages that render: another version may give other bytes.
_RENDERED_BY = ("altair", "vl-convert-python", "naivenet")


@dataclass(frozen=True, kw_only=True)
class Look:
    """The look of a chart.

    Attributes:
        width: The width of the whole image, in pixels; so is *height*.
        scale: How many pixels of a PNG each of these is.
        live: Whether it is interactive, with tooltips at the pointer.
    """

    theme: Theme = "light"
    language: Language = "en"
    width: int = 720
    height: int = 360
    scale: float = 1.0
    live: bool = False


@dataclass(frozen=True, kw_only=True)
class ChartRequest:
    """One chart to render.

    Attributes:
        data: Its data, ready for JSON; a number that is not finite becomes null.
    """

    chart: Chart
    form: Form
    look: Look
    data: Mapping[str, Any]

    def line(self) -> bytes:
        """Return the request as one line of JSON."""
        return orjson.dumps(asdict(self), option=orjson.OPT_SERIALIZE_NUMPY)

    def digest(self) -> str:
        """Return a name for the rendered bytes before they exist: they depend on the request and the packages only."""
        rendered_by = " ".join(version(name) for name in _RENDERED_BY)
        return hashlib.sha256(rendered_by.encode() + self.line()).hexdigest()
