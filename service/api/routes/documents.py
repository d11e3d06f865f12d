"""Serves the README and the notebooks out of the installed package: neither needs a clone or the internet."""

import functools
import importlib.metadata
from collections.abc import Iterable, Mapping
from html import escape
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
from fastapi import APIRouter, Request, Response

from service.api.access.scopes import public
from service.api.fast_path.routes import PlainRoute
from service.api.http.languages import language_of
from service.api.routes.page import Asset, pack
from service.api.routes.reference import written_page
from service.errors import NotFound
from service.messages import Language

if TYPE_CHECKING:
    from markdown_it.token import Token

router = APIRouter(route_class=PlainRoute, include_in_schema=False)

MEDIA_TYPE = "application/x-ipynb+json"
_TITLES: Mapping[Language, str] = {"en": "Notebooks", "es": "Cuadernos"}
_LEADS: Mapping[Language, str] = {
    "en": "Open them in Jupyter. They train the same networks as this page, line by line.",
    "es": "Ábrelos en Jupyter. Entrenan las mismas redes que esta página, línea por línea.",
}


@router.get("/readme")
@public
async def readme(request: Request) -> Response:
    """Return the README as a page."""
    return _readme().response(request)


@router.get("/notebooks")
@public
async def notebooks(request: Request) -> Response:
    """Return the page that lists the notebooks, those in the reader's language first."""
    language = language_of(request.headers.get("accept-language"))
    response = _list(language).response(request)
    response.headers["Content-Language"] = language
    response.headers["Vary"] = "Accept-Encoding, Accept-Language"
    return response


@router.get("/notebooks/{language}/{name}")
@public
async def notebook(request: Request, language: str, name: str) -> Response:
    """Download a notebook."""
    found = _notebooks().get(f"{language}/{name}")
    if found is None:
        raise NotFound("notebook", f"{language}/{name}")
    response = found.response(request)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@functools.cache
def _readme() -> Asset:
    """Render the README of the installed package. A link to a file of the repository is text, as is a picture."""
    from markdown_it import MarkdownIt  # noqa: PLC0415  # it takes 2 % of a start, and only this page needs it

    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = markdown.parse(importlib.metadata.metadata("naivenet")["Description"])
    for token in tokens:
        token.children = list(_without_files(token.children)) if token.children else token.children
    return written_page("en", "naivenet", markdown.renderer.render(tokens, markdown.options, {}))


def _without_files(tokens: Iterable["Token"]) -> Iterable["Token"]:
    from markdown_it.token import Token  # noqa: PLC0415  # likewise

    is_kept = True
    for token in tokens:
        if token.type == "link_open":
            is_kept = "://" in str(token.attrs["href"])
        if token.type == "image":
            yield Token("text", "", 0, content=token.content)
        elif is_kept or token.type not in {"link_open", "link_close"}:
            yield token


@functools.cache
def _list(language: Language) -> Asset:
    entries = [(path.partition("/")[0], path, _title(found.plain)) for path, found in _notebooks().items()]
    items = [
        f'<li lang="{written_in}"><a href="notebooks/{path}">{escape(title)}</a></li>'
        for written_in, path, title in sorted(entries, key=lambda entry: (entry[0] != language, entry[1]))
    ]
    title = _TITLES[language]
    return written_page(language, title, f"<h1>{title}</h1>\n<p>{_LEADS[language]}</p>\n<ul>{''.join(items)}</ul>\n")


def _title(notebook: bytes) -> str:
    """Return the heading that a notebook begins with."""
    first: str = orjson.loads(notebook)["cells"][0]["source"][0]
    return first.lstrip("# ").strip()


@functools.cache
def _notebooks() -> Mapping[str, Asset]:
    """Return the notebooks by language and name, such as ``en/1-from-scratch.ipynb``."""
    folder = Path(str(resources.files("service"))) / "notebooks"  # in the wheel
    if not folder.is_dir():
        folder = folder.parents[1] / "notebooks"  # in a clone
    files = sorted(folder.glob("*/*.ipynb"))
    return {f"{file.parent.name}/{file.name}": pack(file.read_bytes(), MEDIA_TYPE) for file in files}
