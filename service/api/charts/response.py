"""Chart responses: form, size, theme and language from the request; rendered only if the client has no copy."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from service.api.dependencies import BulkThreadDep, ChartRendererDep, StoreThreadsDep
from service.api.http.conditional import content_response, is_current
from service.api.http.negotiation import choose
from service.api.store_threads import StoreThreads
from service.charts import FORMS, Chart, ChartRenderer, ChartRequest, Form, Language, Look, Theme

_VEGA_LITE = {"$schema": "https://vega.github.io/schema/vega-lite/v6.4.1.json", "mark": {"type": "line"}}
_SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="720" height="360">...</svg>'

#: An SVG that a browser opens directly must not run scripts or fetch anything.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; img-src data:; style-src 'unsafe-inline'",
    "Vary": "Accept",
    "X-Content-Type-Options": "nosniff",
}

RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The chart.",
        "content": {
            FORMS["svg"]: {"schema": {"type": "string"}, "example": _SVG},
            FORMS["png"]: {"schema": {"type": "string", "format": "binary"}},
            FORMS["json"]: {"schema": {"type": "object", "additionalProperties": True}, "example": _VEGA_LITE},
        },
    },
    304: {"description": "`If-None-Match` contains the current ETag. The chart was not rendered."},
}

Width = Annotated[int, Query(ge=200, le=2000, description="The width of the image, in pixels.")]
Height = Annotated[
    int | None,
    Query(ge=120, le=1500, description="The height of the image, in pixels; by default it depends on the chart."),
]
Scale = Annotated[float, Query(ge=1, le=2, description="How many pixels of a PNG each of these pixels is.")]


#: Charts whose data is in the checkpoint store.
FROM_WEIGHTS: frozenset[Chart] = frozenset({"histograms", "units", "weight_history"})


@dataclass(frozen=True, kw_only=True)
class ChartResponder:
    """The look that a request asks for; renders charts with it."""

    request: Request
    renderer: ChartRenderer
    store_threads: StoreThreads
    bulk_thread: StoreThreads
    form: Form
    theme: Theme
    language: Language
    width: int
    height: int | None
    scale: float

    async def respond(
        self, chart: Chart, height: int, gather: Callable[..., Mapping[str, Any]], *args: Any, **more: Any
    ) -> Response:
        """Return the chart of the data that *gather* returns in a thread; *height* unless the request has its own."""
        run = self.store_threads.run if chart in FROM_WEIGHTS else self.bulk_thread.run_long
        data = await run(gather, *args, **more)
        request = ChartRequest(chart=chart, form=self.form, look=self._look(height), data=data)
        etag = await self.bulk_thread.run_long(request.digest)
        image = b"" if is_current(self.request, etag) else await self.renderer.draw(request)
        return content_response(self.request, image, etag=etag, media_type=FORMS[self.form], headers=_HEADERS)

    def _look(self, height: int) -> Look:
        return Look(
            theme=self.theme,
            language=self.language,
            width=self.width,
            height=self.height or height,
            scale=self.scale,
            live=self.form == "json",
        )


async def _form(request: Request) -> Form:
    """Return the form in the path's suffix, or else the one that Accept prefers."""
    suffix: Form | None = request.path_params.get("form")
    if suffix:
        return suffix
    media = choose(request.headers.get("accept"), list(FORMS.values()))
    return next(form for form, each in FORMS.items() if each == media)


async def _suffix(
    form: Annotated[Form, Path(description="The form; it overrides `Accept`.", examples=["svg"])],
) -> None:
    """Document the path's suffixes in the OpenAPI document, and refuse others."""


async def _responder(
    request: Request,
    renderer: ChartRendererDep,
    store_threads: StoreThreadsDep,
    bulk_thread: BulkThreadDep,
    form: Annotated[Form, Depends(_form)],
    theme: Annotated[Theme, Query(description="The colours of the chart.")] = "light",
    language: Annotated[Language, Query(description="The language of the texts.")] = "en",
    width: Width = 720,
    height: Height = None,
    scale: Scale = 1,
) -> ChartResponder:
    return ChartResponder(
        request=request,
        renderer=renderer,
        store_threads=store_threads,
        bulk_thread=bulk_thread,
        form=form,
        theme=theme,
        language=language,
        width=width,
        height=height,
        scale=scale,
    )


ChartResponderDep = Annotated[ChartResponder, Depends(_responder)]

Endpoint = Callable[..., Any]


def chart(router: APIRouter, path: str) -> Callable[[Endpoint], Endpoint]:
    """Register a chart's route: at *path* in the form that Accept prefers, and at *path* with the form as suffix."""

    def register(endpoint: Endpoint) -> Endpoint:
        options: dict[str, Any] = {"response_class": Response, "responses": RESPONSES, "tags": ["charts"]}
        router.add_api_route(path, endpoint, **options)
        options |= {"operation_id": f"{endpoint.__name__}_file", "dependencies": [Depends(_suffix)]}
        router.add_api_route(path + ".{form}", endpoint, **options)
        return endpoint

    return register
