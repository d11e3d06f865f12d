"""Charts that the service draws."""

from pathlib import Path
from typing import Any

import msgspec

from naivenet_client._async.http import AsyncHttp
from naivenet_client.charts import MEDIA_TYPES
from naivenet_client.connection import Request
from naivenet_client.files import write_whole


class AsyncChart:
    """A chart: a notebook shows it by itself.

    Attributes:
        spec: The chart as Vega-Lite, for Altair or a page.
        svg: The chart as an image.
    """

    def __init__(self, http: AsyncHttp, request: Request, *, spec: dict[str, Any], svg: str) -> None:
        self._http, self._request = http, request
        self.spec, self.svg = spec, svg

    @classmethod
    async def load(cls, http: AsyncHttp, path: str, params: dict[str, Any]) -> "AsyncChart":
        """Read a chart from the service."""
        request = Request(method="GET", path=path, params=params)
        spec = msgspec.json.decode(await _drawn(http, request, ".json"))
        svg = await _drawn(http, request, ".svg")
        return cls(http, request, spec=spec, svg=svg.decode())

    async def save(self, path: str | Path) -> Path:
        """Write the chart to a file, and return its path. The suffix chooses the form: .svg, .png or .json.

        Raises:
            ValueError: The suffix is another one.
        """
        suffix = Path(path).suffix.lower()
        if suffix not in MEDIA_TYPES:
            raise ValueError(f"A chart can be saved as .svg, .png or .json, not as {str(path)!r}.")
        return write_whole(path, await self._content(suffix))

    async def _content(self, suffix: str) -> bytes:
        match suffix:
            case ".json":
                return msgspec.json.encode(self.spec)
            case ".svg":
                return self.svg.encode()
        return await _drawn(self._http, self._request, suffix)

    def __repr__(self) -> str:
        """Return a short text."""
        return f"Chart({self._request.path})"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return {MEDIA_TYPES[".json"]: self.spec, MEDIA_TYPES[".svg"]: self.svg, "text/plain": repr(self)}


async def _drawn(http: AsyncHttp, request: Request, suffix: str) -> bytes:
    params = {name: value for name, value in request.params.items() if name != "scale" or suffix == ".png"}
    headers = {"Accept": MEDIA_TYPES[suffix]}
    response = await http.send(Request(method="GET", path=request.path, params=params, headers=headers))
    return response.content
