"""Conditional requests and byte ranges (RFC 9110, 13 and 14): a strong ETag, ``If-None-Match``, ``Range``."""

import re
from collections.abc import Mapping
from http import HTTPStatus

from fastapi import Request, Response

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


def content_response(
    request: Request, data: bytes, *, etag: str, media_type: str, headers: Mapping[str, str]
) -> Response:
    """*data*, or only the part that ``Range`` asks for, or 304 if ``If-None-Match`` has its *etag*."""
    quoted = f'"{etag}"'
    common = {**headers, "ETag": quoted, "Accept-Ranges": "bytes", "Cache-Control": "private, no-cache"}
    if _matches(request.headers.get("if-none-match"), quoted):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=common)
    byte_range = request.headers.get("range")
    if byte_range is None or request.headers.get("if-range", quoted) != quoted:
        return Response(data, headers=common, media_type=media_type)
    return _partial(data, byte_range, common, media_type)


def is_current(request: Request, etag: str) -> bool:
    """Return whether the client already has the version that *etag* names, by the request's ``If-None-Match``."""
    return _matches(request.headers.get("if-none-match"), f'"{etag}"')


def _matches(header: str | None, quoted: str) -> bool:
    tags = [tag.strip().removeprefix("W/") for tag in (header or "").split(",")]
    return quoted in tags or "*" in tags


def _partial(data: bytes, byte_range: str, headers: Mapping[str, str], media_type: str) -> Response:
    """Return the bytes of one range; a ``Range`` of any other form is ignored, as RFC 9110 allows."""
    match = _RANGE.fullmatch(byte_range.strip())
    if match is None or match.groups() == ("", ""):
        return Response(data, headers=dict(headers), media_type=media_type)
    first, last = _bounds(*match.groups(), size=len(data))
    if first >= len(data) or last < first:
        unsatisfied = {**headers, "Content-Range": f"bytes */{len(data)}"}
        return Response(status_code=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, headers=unsatisfied)
    partial = {**headers, "Content-Range": f"bytes {first}-{last}/{len(data)}"}
    return Response(data[first : last + 1], HTTPStatus.PARTIAL_CONTENT, headers=partial, media_type=media_type)


def _bounds(first: str, last: str, *, size: int) -> tuple[int, int]:
    if not first:  # "-500" is the last 500 bytes
        return (max(size - int(last), 0), size - 1) if int(last) else (size, size - 1)
    return int(first), min(int(last), size - 1) if last else size - 1
