# Generated from _async by `make client-sync`: change it there.
"""Charts that the service draws."""

from pathlib import Path
from typing import Any

import msgspec

from naivenet_client._sync.http import Http
from naivenet_client.charts import MEDIA_TYPES
from naivenet_client.connection import Request
from naivenet_client.files import write_whole


class Chart:
    """A chart: a notebook shows it by itself.

    Attributes:
        spec: The chart as Vega-Lite, for Altair or a page.
        svg: The chart as an image.
    """

    def __init__(self, http: Http, request: Request, *, spec: dict[str, Any], svg: str) -> None:
        self._http, self._request = http, request
        self.spec, self.svg = spec, svg

    @classmethod
    def load(cls, http: Http, path: str, params: dict[str, Any]) -> "Chart":
        """Read a chart from the service."""
        request = Request(method="GET", path=path, params=params)
        spec = msgspec.json.decode(_drawn(http, request, ".json"))
        svg = _drawn(http, request, ".svg")
        return cls(http, request, spec=spec, svg=svg.decode())

    def save(self, path: str | Path) -> Path:
        """Write the chart to a file, and return its path. The suffix chooses the form: .svg, .png or .json.

        Raises:
            ValueError: The suffix is another one.
        """
        suffix = Path(path).suffix.lower()
        if suffix not in MEDIA_TYPES:
            raise ValueError(f"A chart can be saved as .svg, .png or .json, not as {str(path)!r}.")
        return write_whole(path, self._content(suffix))

    def _content(self, suffix: str) -> bytes:
        match suffix:
            case ".json":
                return msgspec.json.encode(self.spec)
            case ".svg":
                return self.svg.encode()
        return _drawn(self._http, self._request, suffix)

    def __repr__(self) -> str:
        """Return a short text."""
        return f"Chart({self._request.path})"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return {MEDIA_TYPES[".json"]: self.spec, MEDIA_TYPES[".svg"]: self.svg, "text/plain": repr(self)}


def _drawn(http: Http, request: Request, suffix: str) -> bytes:
    params = {name: value for name, value in request.params.items() if name != "scale" or suffix == ".png"}
    headers = {"Accept": MEDIA_TYPES[suffix]}
    response = http.send(Request(method="GET", path=request.path, params=params, headers=headers))
    return response.content
