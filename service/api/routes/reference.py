"""The API's reference, at ``/docs``: Swagger UI as its Python package brings it, so that no other host is asked."""

import functools
from importlib import resources

from fastapi import APIRouter, Request, Response

from service.api.access.scopes import public
from service.api.fast_path.routes import PlainRoute
from service.api.routes.page import MEDIA_TYPES, Asset, assets, pack
from service.errors import NotFound

router = APIRouter(route_class=PlainRoute, include_in_schema=False)

PACKAGE, FOLDER = "fastapi_swagger", "resources"
PARTS = frozenset({"swagger-ui-bundle.js", "swagger-ui.css"})


@router.get("/docs")
@public
async def reference(request: Request) -> Response:
    """Answer the page that shows the OpenAPI document."""
    return assets()["docs.html"].answer(request)


@router.get("/docs/{name}")
@public
async def part(request: Request, name: str) -> Response:
    """Answer a part of Swagger UI."""
    if name not in PARTS:
        raise NotFound("part of the reference", name)
    return _part(name).answer(request)


@functools.cache
def _part(name: str) -> Asset:
    """Read when it is first asked for: two megabytes that most who use the service never need."""
    suffix = "." + name.rpartition(".")[2]
    return pack((resources.files(PACKAGE) / FOLDER / name).read_bytes(), MEDIA_TYPES[suffix])
