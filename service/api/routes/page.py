"""The page, at ``/``: plain files beside this package, compressed once, and asked for again only when they changed."""

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
from service.errors import NotFound

router = APIRouter(route_class=PlainRoute, include_in_schema=False)

INDEX = "index.html"
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}

#: Nothing from another host, and nothing written into the document itself, is run, drawn or asked.
POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'"
)
_HEADERS = {
    "Cache-Control": "no-cache",  # kept, but asked about each time: the answer is a 304 until it changes
    "Content-Security-Policy": POLICY,
    "Vary": "Accept-Encoding",
}


@dataclass(frozen=True, kw_only=True)
class Asset:
    """A file of the page, as it is and compressed."""

    media_type: str
    plain: bytes
    packed: bytes
    digest: str

    def answer(self, request: Request) -> Response:
        """The file, or that the one the browser has is still it."""
        packs = "gzip" in request.headers.get("accept-encoding", "")
        etag = f'"{self.digest}{"-gzip" if packs else ""}"'
        headers = {**_HEADERS, "ETag": etag}
        if etag in request.headers.get("if-none-match", ""):
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        if not packs:
            return Response(self.plain, headers=headers, media_type=self.media_type)
        return Response(self.packed, headers={**headers, "Content-Encoding": "gzip"}, media_type=self.media_type)


@router.get("/")
@public
async def page(request: Request) -> Response:
    """Answer the page."""
    return assets()[INDEX].answer(request)


@router.get("/page/vega.js")
@public
async def vega(request: Request) -> Response:
    """Answer the script that draws Vega-Lite, bundled by vl-convert when it is first asked for."""
    return _packed(await state_of(request)["chart_renderer"].script()).answer(request)


@router.get("/page/{name:path}")
@public
async def part(request: Request, name: str) -> Response:
    """Answer a part of the page, such as a module or a style sheet."""
    found = assets().get(name)
    if found is None:
        raise NotFound("part of the page", name)
    return found.answer(request)


@functools.cache
def assets() -> Mapping[str, Asset]:
    """Every file of the page, by its path in the folder."""
    return dict(_read(resources.files("service") / "page", ""))


def _read(folder: Traversable, prefix: str) -> list[tuple[str, Asset]]:
    found: list[tuple[str, Asset]] = []
    for entry in folder.iterdir():
        name = prefix + entry.name
        if entry.is_dir():
            found += _read(entry, f"{name}/")
        elif media_type := MEDIA_TYPES.get("." + entry.name.rpartition(".")[2]):
            found.append((name, pack(entry.read_bytes(), media_type)))
    return found


def pack(plain: bytes, media_type: str) -> Asset:
    """A file, compressed once."""
    digest = hashlib.sha256(plain).hexdigest()[:32]
    return Asset(media_type=media_type, plain=plain, packed=gzip.compress(plain, mtime=0), digest=digest)


@functools.lru_cache(maxsize=1)
def _packed(packed: bytes) -> Asset:
    digest = hashlib.sha256(packed).hexdigest()[:32]
    return Asset(media_type=MEDIA_TYPES[".js"], plain=gzip.decompress(packed), packed=packed, digest=digest)
