"""Serves the OpenAPI document, and it as a page at ``/docs``: Swagger UI from its package, not from another host."""

import functools
import re
from html import escape
from importlib import resources

import orjson
from fastapi import APIRouter, FastAPI, Request, Response
from starlette.concurrency import run_in_threadpool

from service.api.access.scopes import public
from service.api.fast_path.routes import PlainRoute
from service.api.http.languages import explanations, language_of
from service.api.http.request_info import path_prefix
from service.api.routes.page import MEDIA_TYPES, Asset, assets, pack
from service.api.shared_calls import SharedCalls
from service.errors import NotFound
from service.messages import Language

router = APIRouter(route_class=PlainRoute, include_in_schema=False)

PACKAGE, FOLDER = "fastapi_swagger", "resources"
_CODE = re.compile("`([^`]+)`")
FILES = frozenset({"swagger-ui-bundle.js", "swagger-ui.css"})


@router.get("/openapi.json")
@public
async def document(request: Request) -> Response:
    """Return the OpenAPI document."""
    built = await _shared_document(request.app, path_prefix.get())
    return built.response(request)


@router.get("/docs")
@public
async def reference(request: Request) -> Response:
    """Return the page that shows the OpenAPI document."""
    return assets()["docs.html"].response(request)


@router.get("/docs/problems")
@public
async def problems(request: Request) -> Response:
    """Return the page with a paragraph about each kind of problem: their `type` leads here."""
    language = language_of(request.headers.get("accept-language"))
    response = _problems(language).response(request)
    response.headers["Content-Language"] = language
    response.headers["Vary"] = "Accept-Encoding, Accept-Language"
    return response


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


#: Building the document takes two seconds: a thread does it once, for all requests that arrive meanwhile.
_shared_document: SharedCalls[Asset] = SharedCalls(functools.partial(run_in_threadpool, _document))


@functools.cache
def _problems(language: Language) -> Asset:
    """Write the page: for each kind of problem a heading, whose anchor is the code, and a paragraph."""
    title = {"en": "Problems", "es": "Problemas"}[language]
    paragraphs = {code: _CODE.sub(r"<code>\1</code>", escape(text)) for code, text in explanations(language).items()}
    sections = "".join(
        f'<h2 id="{code}"><code>{code}</code></h2>\n<p>{text}</p>\n' for code, text in paragraphs.items()
    )
    return written_page(language, title, f"<h1>{title}</h1>\n{sections}")


def written_page(language: Language, title: str, body: str) -> Asset:
    """Return a page of text, which needs no style of its own."""
    viewport = '<meta name="viewport" content="width=device-width, initial-scale=1">'
    head = f'<!doctype html>\n<html lang="{language}"><meta charset="utf-8">{viewport}<title>{title}</title>\n'
    return pack(f"{head}{body}</html>\n".encode(), MEDIA_TYPES[".html"])


@functools.cache
def _asset(name: str) -> Asset:
    """Read the file at its first request: it has two megabytes, and most users never need it."""
    suffix = "." + name.rpartition(".")[2]
    return pack((resources.files(PACKAGE) / FOLDER / name).read_bytes(), MEDIA_TYPES[suffix])
