"""Allows pages of other origins to use the API (CORS), and says to others which setting would."""

import functools
import logging
from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp, Scope, Send

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
    """Adds CORS headers for the allowed origins, and refuses the preflight of any other page.

    Starlette's answer to such a preflight does not name the setting, and the browser shows none of it: the log does.

    Args:
        app: The application inside, which Starlette's middleware asks for.
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
        self.is_on = bool(origins)

    def preflight(self, scope: Scope) -> Response | None:
        """Return the answer to a preflight request; None for any other request.

        Raises:
            Forbidden: The preflight is of a page that is not allowed.
        """
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        if origin is None or "access-control-request-method" not in headers:
            return None
        if self._cors.is_allowed_origin(origin=origin):
            return self._cors.preflight_response(request_headers=headers)
        detail = f"Pages of {origin!r} may not use this service; add the origin to NAIVENET_CORS_ORIGINS to allow it."
        logger.warning("a CORS preflight is refused: %s", detail)
        raise Forbidden(detail)

    def sending(self, scope: Scope, send: Send) -> Send:
        """Return *send* with the CORS headers for this request in its response."""
        return functools.partial(self._cors.send, send=send, request_headers=Headers(scope=scope))
