"""Serves the page at ``/`` and its files, gzipped once and with an ETag each."""

import functools
import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from importlib import resources
from importlib.resources.abc import Traversable

from fastapi import APIRouter, Request, Response

from service.api.access.scopes import public
from service.api.dependencies import state_of
from service.api.fast_path.routes import PlainRoute
from service.api.http.negotiation import choose_coding
from service.api.http.page_index import STYLES, linked_styles, with_joined_files
from service.api.http.page_script import joined_scripts
from service.errors import NotFound

router = APIRouter(route_class=PlainRoute, include_in_schema=False)

INDEX, SOURCE_INDEX = "index.html", "source.html"
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}

#: The page may load from this host only, connect to this host only, and run no inline script.
POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'"
)
_HEADERS = {
    "Cache-Control": "no-cache",  # browsers revalidate each time, and get a 304 until the file changes
    "Content-Security-Policy": POLICY,
    "Vary": "Accept-Encoding",
}


@dataclass(frozen=True, kw_only=True)
class Asset:
    """A file of the page, plain and gzipped."""

    media_type: str
    plain: bytes
    gzipped: bytes
    digest: str

    def response(self, request: Request) -> Response:
        """Return the file, or 304 if the browser's copy is current."""
        use_gzip = choose_coding(request.headers.get("accept-encoding", "").encode("latin-1")) == "gzip"
        etag = f'"{self.digest}{"-gzip" if use_gzip else ""}"'
        headers = {**_HEADERS, "ETag": etag}
        if etag in request.headers.get("if-none-match", ""):
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        if not use_gzip:
            return Response(self.plain, headers=headers, media_type=self.media_type)
        return Response(self.gzipped, headers={**headers, "Content-Encoding": "gzip"}, media_type=self.media_type)


@router.get("/")
@public
async def page(request: Request) -> Response:
    """Return the page; ``/?source`` returns it with the modules as they are in the repository, for debugging."""
    return assets()[SOURCE_INDEX if "source" in request.query_params else INDEX].response(request)


@router.get("/page/vega.js")
@public
async def vega(request: Request) -> Response:
    """Return the script that draws Vega-Lite; vl-convert bundles it at the first request."""
    return _script_asset(await state_of(request)["chart_renderer"].script()).response(request)


@router.get("/page/{name:path}")
@public
async def part(request: Request, name: str) -> Response:
    """Return a file of the page, such as a module or a style sheet."""
    found = assets().get(name)
    if found is None:
        raise NotFound("file of the page", name)
    return found.response(request)


@functools.cache
def assets() -> Mapping[str, Asset]:
    """Return every file of the page by its path in the folder, and the files that the server joins."""
    files = dict(_read(resources.files("service") / "page", ""))
    index = files[INDEX]
    modules = {name: text for name, text in files.items() if name.endswith(".js")}
    files |= {STYLES: linked_styles(index, files), SOURCE_INDEX: index, INDEX: with_joined_files(index)}
    files |= joined_scripts(modules)
    return {name: pack(text.encode(), MEDIA_TYPES[_suffix(name)]) for name, text in files.items()}


def _read(folder: Traversable, prefix: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for entry in folder.iterdir():
        name = prefix + entry.name
        if entry.is_dir():
            found += _read(entry, f"{name}/")
        elif _suffix(name) in MEDIA_TYPES:
            found.append((name, entry.read_text(encoding="utf-8")))
    return found


def _suffix(name: str) -> str:
    return "." + name.rpartition(".")[2]


def pack(plain: bytes, media_type: str) -> Asset:
    """Return the file with its gzipped form."""
    digest = hashlib.sha256(plain).hexdigest()[:32]
    return Asset(media_type=media_type, plain=plain, gzipped=gzip.compress(plain, mtime=0), digest=digest)


@functools.lru_cache(maxsize=1)
def _script_asset(gzipped: bytes) -> Asset:
    digest = hashlib.sha256(gzipped).hexdigest()[:32]
    return Asset(media_type=MEDIA_TYPES[".js"], plain=gzip.decompress(gzipped), gzipped=gzipped, digest=digest)
