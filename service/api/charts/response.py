"""How charts are answered: in which form, how large, in which colours and language; drawn only if they are new."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from service.api.dependencies import ChartRendererDep
from service.api.http.conditional import content_response, is_current
from service.api.http.negotiation import choose
from service.charts import FORMS, Chart, ChartRenderer, ChartRequest, Form, Language, Look, Theme

_VEGA_LITE = {"$schema": "https://vega.github.io/schema/vega-lite/v6.4.1.json", "mark": {"type": "line"}}
_SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="720" height="360">...</svg>'

#: A picture that is opened by itself runs nothing and fetches nothing.
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
            FORMS["json"]: {"schema": {"type": "object"}, "example": _VEGA_LITE},
        },
    },
    304: {"description": "`If-None-Match` holds the ETag: the chart would be the same, and was not drawn."},
}

Width = Annotated[int, Query(ge=200, le=2000, description="Of the picture, in pixels.")]
Height = Annotated[int | None, Query(ge=120, le=1500, description="Likewise; each chart has its own if none is given.")]
Scale = Annotated[float, Query(ge=1, le=2, description="How many pixels of a PNG one of these is.")]


@dataclass(frozen=True, kw_only=True)
class ChartResponder:
    """What a request says of how its chart is to look, and who draws it."""

    request: Request
    renderer: ChartRenderer
    form: Form
    theme: Theme
    language: Language
    width: int
    height: int | None
    scale: float

    async def show(
        self, chart: Chart, height: int, gather: Callable[..., Mapping[str, Any]], *args: Any, **more: Any
    ) -> Response:
        """The chart of what *gather* finds, which is called in a thread; *height* if no other is asked for."""
        data = await run_in_threadpool(gather, *args, **more)
        order = ChartRequest(chart=chart, form=self.form, look=self._look(height), data=data)
        etag = await run_in_threadpool(order.digest)
        drawn = b"" if is_current(self.request, etag) else await self.renderer.draw(order)
        return content_response(self.request, drawn, etag=etag, media_type=FORMS[self.form], headers=_HEADERS)

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
    """By the suffix of the path, else by Accept."""
    suffix: Form | None = request.path_params.get("form")
    if suffix:
        return suffix
    media = choose(request.headers.get("accept"), list(FORMS.values()))
    return next(form for form, each in FORMS.items() if each == media)


async def _suffix(
    form: Annotated[Form, Path(description="The form, whatever `Accept` says.", examples=["svg"])],
) -> None:
    """Says in the OpenAPI document which suffixes there are, and refuses others."""


async def _sheet(
    request: Request,
    renderer: ChartRendererDep,
    form: Annotated[Form, Depends(_form)],
    theme: Theme = "light",
    language: Language = "en",
    width: Width = 720,
    height: Height = None,
    scale: Scale = 1,
) -> ChartResponder:
    return ChartResponder(
        request=request,
        renderer=renderer,
        form=form,
        theme=theme,
        language=language,
        width=width,
        height=height,
        scale=scale,
    )


ChartResponderDep = Annotated[ChartResponder, Depends(_sheet)]

Endpoint = Callable[..., Any]


def chart(router: APIRouter, path: str) -> Callable[[Endpoint], Endpoint]:
    """A route that answers a chart, at *path* by Accept, and at *path* with a suffix in that form."""

    def register(endpoint: Endpoint) -> Endpoint:
        options: dict[str, Any] = {"response_class": Response, "responses": RESPONSES, "tags": ["charts"]}
        router.add_api_route(path, endpoint, **options)
        router.add_api_route(path + ".{form}", endpoint, **options, dependencies=[Depends(_suffix)])
        return endpoint

    return register
