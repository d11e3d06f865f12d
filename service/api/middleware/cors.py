"""Allows pages of other origins to use the API (CORS), and says to others which setting would."""

import logging
from collections.abc import Awaitable, Sequence

from fastapi import Request
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from service.api.http.problems import problem_response
from service.errors import Forbidden

logger = logging.getLogger(__name__)

#: The request headers that a page of an allowed origin may send.
ALLOWED_HEADERS = [
    *("Authorization", "Content-Encoding", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match"),
    *("Inference-Header-Content-Length", "Last-Event-ID", "Prefer", "Range", "X-API-Key", "X-Request-ID"),
    *("traceparent", "tracestate"),
]

#: The response headers that such a page may read.
EXPOSED_HEADERS = [
    *("Accept-Ranges", "Content-Disposition", "Content-Range", "ETag", "Inference-Header-Content-Length", "Location"),
    *("RateLimit", "RateLimit-Policy", "Retry-After", "WWW-Authenticate", "X-Request-ID"),
    *("X-Has-More", "X-Next-After", "X-Sampled", "X-Status", "X-Total-Points"),
]

METHODS = ["DELETE", "GET", "PATCH", "POST", "PUT"]

#: How long a browser may cache a preflight response, in seconds.
PREFLIGHT_MAX_AGE_S = 3600


class Cors:
    """ASGI middleware that adds CORS headers for the allowed origins; a preflight of any other page is a 403.

    Starlette's answer to such a preflight does not name the setting, and the browser shows none of it: the log does.

    Args:
        app: The application inside.
        origins: The origins whose pages may use the API.
    """

    def __init__(self, app: ASGIApp, origins: Sequence[str]) -> None:
        self._cors = CORSMiddleware(
            app,
            allow_origins=origins,
            allow_methods=METHODS,
            allow_headers=ALLOWED_HEADERS,
            expose_headers=EXPOSED_HEADERS,
            max_age=PREFLIGHT_MAX_AGE_S,
        )
        self._app = self._cors if origins else app

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Pass the request on, unless it is a preflight of a page that is not allowed."""
        if scope["type"] == "http" and scope["method"] == "OPTIONS" and (origin := self._refused(scope)):
            detail = (
                f"Pages of {origin!r} may not use this service; add the origin to NAIVENET_CORS_ORIGINS to allow it."
            )
            logger.warning("a CORS preflight is refused: %s", detail)
            return problem_response(Request(scope), Forbidden(detail))(scope, receive, send)
        return self._app(scope, receive, send)

    def _refused(self, scope: Scope) -> str | None:
        headers = Request(scope).headers
        origin = headers.get("origin")
        is_preflight = origin is not None and "access-control-request-method" in headers
        return origin if is_preflight and not self._cors.is_allowed_origin(origin=origin or "") else None
