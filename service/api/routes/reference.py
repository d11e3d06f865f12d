"""Serves the OpenAPI document, and it as a page at ``/docs``: Swagger UI from its package, not from another host."""

import functools
from importlib import resources

import orjson
from fastapi import APIRouter, FastAPI, Request, Response

from service.api.access.scopes import public
from service.api.fast_path.routes import PlainRoute
from service.api.http.request_info import path_prefix
from service.api.routes.page import MEDIA_TYPES, Asset, assets, pack
from service.errors import NotFound

router = APIRouter(route_class=PlainRoute, include_in_schema=False)

PACKAGE, FOLDER = "fastapi_swagger", "resources"
FILES = frozenset({"swagger-ui-bundle.js", "swagger-ui.css"})


@router.get("/openapi.json")
@public
async def document(request: Request) -> Response:
    """Return the OpenAPI document."""
    return _document(request.app, path_prefix.get()).response(request)


@router.get("/docs")
@public
async def reference(request: Request) -> Response:
    """Return the page that shows the OpenAPI document."""
    return assets()["docs.html"].response(request)


@router.get("/docs/{name}")
@public
async def part(request: Request, name: str) -> Response:
    """Return a file of Swagger UI."""
    if name not in FILES:
        raise NotFound("file of the reference", name)
    return _asset(name).response(request)


@functools.lru_cache(maxsize=4)
def _document(app: FastAPI, prefix: str) -> Asset:
    here = {"servers": [{"url": prefix}]} if prefix else {}
    return pack(orjson.dumps(app.openapi() | here), MEDIA_TYPES[".json"])


@functools.cache
def _asset(name: str) -> Asset:
    """Read the file at its first request: it has two megabytes, and most users never need it."""
    suffix = "." + name.rpartition(".")[2]
    return pack((resources.files(PACKAGE) / FOLDER / name).read_bytes(), MEDIA_TYPES[suffix])
