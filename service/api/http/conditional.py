"""Conditional requests and byte ranges (RFC 9110, 13 and 14): ETags, ``If-None-Match``, ``If-Match``, ``Range``."""

import hashlib
import re
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi import Request, Response
from pydantic import BaseModel
from starlette.responses import StreamingResponse

from service.errors import PreconditionFailed

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


#: Fields that are estimated anew for each response: a job that only waits has not changed.
_OF_A_JOB: Any = {
    "estimated_start": True,
    "estimated_start_at": True,
    "progress": {"estimated_finish", "estimated_finish_at"},
}
_ESTIMATES: Any = _OF_A_JOB | {"data": {"__all__": _OF_A_JOB}}  # also in a list

#: The response that the OpenAPI document lists for a `tagged_response`.
NOT_MODIFIED: dict[int | str, dict[str, Any]] = {304: {"description": "`If-None-Match` has the current `ETag`."}}


@dataclass(frozen=True, kw_only=True)
class StoredContent:
    """Content that is stored elsewhere, and sent in pieces as the client reads it.

    Attributes:
        size: In bytes.
        pieces: Yields the bytes from a first one up to an end.
    """

    size: int
    pieces: Callable[[int, int], AsyncIterator[bytes]]


def content_response(
    request: Request, data: bytes | StoredContent, *, etag: str, media_type: str, headers: Mapping[str, str]
) -> Response:
    """*data*, or only the part that ``Range`` asks for, or 304 if ``If-None-Match`` has its *etag*."""
    quoted = f'"{etag}"'
    common = {**headers, "ETag": quoted, "Accept-Ranges": "bytes", "Cache-Control": "private, no-cache"}
    if _matches(request.headers.get("if-none-match"), quoted):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=common)
    byte_range = request.headers.get("range")
    if byte_range is None or request.headers.get("if-range", quoted) != quoted:
        return _whole(data, common, media_type)
    return _partial(data, byte_range, common, media_type)


def tagged_response(request: Request, document: BaseModel) -> Response:
    """*document* as JSON with a weak ETag, or 304 to a GET if ``If-None-Match`` has it."""
    etag = _weak_tag(document)
    headers = {"ETag": f'W/"{etag}"', "Cache-Control": "private, no-cache"}
    if request.method == "GET" and is_current(request, etag):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(document.model_dump_json(), headers=headers, media_type="application/json")


def check_unchanged(if_match: str, document: BaseModel, resource: str) -> None:
    """Check that an ``If-Match`` header has the ETag of *document*.

    Raises:
        PreconditionFailed: It has not: the *resource* has changed since the client read it.
    """
    if not _matches(if_match, f'"{_weak_tag(document)}"'):
        raise PreconditionFailed(f"The {resource} has changed since you read it; read it again, and repeat the change.")


def _weak_tag(document: BaseModel) -> str:
    return hashlib.sha256(document.model_dump_json(exclude=_ESTIMATES).encode()).hexdigest()[:32]


def is_current(request: Request, etag: str) -> bool:
    """Return whether the client already has the version that *etag* names, by the request's ``If-None-Match``."""
    return _matches(request.headers.get("if-none-match"), f'"{etag}"')


def _matches(header: str | None, quoted: str) -> bool:
    tags = [tag.strip().removeprefix("W/") for tag in (header or "").split(",")]
    return quoted in tags or "*" in tags


def _whole(data: bytes | StoredContent, headers: Mapping[str, str], media_type: str) -> Response:
    return _sent(data, 0, _size(data), HTTPStatus.OK, headers, media_type)


def _sent(  # the parts of a response, in order
    data: bytes | StoredContent, first: int, end: int, status: HTTPStatus, headers: Mapping[str, str], media_type: str
) -> Response:
    if isinstance(data, bytes):
        return Response(data[first:end], status, headers=dict(headers), media_type=media_type)
    headers = {**headers, "Content-Length": str(end - first)}
    return StreamingResponse(data.pieces(first, end), status, headers=headers, media_type=media_type)


def _size(data: bytes | StoredContent) -> int:
    return len(data) if isinstance(data, bytes) else data.size


def _partial(data: bytes | StoredContent, byte_range: str, headers: Mapping[str, str], media_type: str) -> Response:
    """Return the bytes of one range; a ``Range`` of any other form is ignored, as RFC 9110 allows."""
    match = _RANGE.fullmatch(byte_range.strip())
    if match is None or match.groups() == ("", ""):
        return _whole(data, headers, media_type)
    size = _size(data)
    first, last = _bounds(*match.groups(), size=size)
    if first >= size or last < first:
        unsatisfied = {**headers, "Content-Range": f"bytes */{size}"}
        return Response(status_code=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, headers=unsatisfied)
    partial = {**headers, "Content-Range": f"bytes {first}-{last}/{size}"}
    return _sent(data, first, last + 1, HTTPStatus.PARTIAL_CONTENT, partial, media_type)


def _bounds(first: str, last: str, *, size: int) -> tuple[int, int]:
    if not first:  # "-500" is the last 500 bytes
        return (max(size - int(last), 0), size - 1) if int(last) else (size, size - 1)
    return int(first), min(int(last), size - 1) if last else size - 1
