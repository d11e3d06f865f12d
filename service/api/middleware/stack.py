"""The outermost layers, plain ASGI: which hosts are answered, what every answer carries, how long one may take."""

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from service.api.middleware.deadline import TimeLimit
from service.api.middleware.headers import SecurityHeaders
from service.api.middleware.hosts import TrustedHosts
from service.settings import Settings, words

ASKED = [
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
    "Inference-Header-Content-Length",
]
ASKED += ["Last-Event-ID", "Range", "X-API-Key", "X-Request-ID"]

TOLD = ["Accept-Ranges", "Content-Disposition", "Content-Range", "ETag", "Inference-Header-Content-Length", "Location"]
TOLD += ["RateLimit", "RateLimit-Policy", "Retry-After", "WWW-Authenticate", "X-Request-ID"]
TOLD += ["X-Next-After", "X-Sampled", "X-Status", "X-Total-Points"]

METHODS = ["DELETE", "GET", "PATCH", "POST", "PUT"]

#: How long a browser may remember what it was told of another site's pages, in seconds.
REMEMBERED_S = 3600


def with_edges(app: ASGIApp, settings: Settings) -> ASGIApp:
    """The application inside its outermost layers."""
    app = TimeLimit(app, timeout_s=settings.request_timeout_s)
    origins = words(settings.cors_origins)
    if origins:
        app = CORSMiddleware(
            app,
            allow_origins=origins,
            allow_methods=METHODS,
            allow_headers=ASKED,
            expose_headers=TOLD,
            max_age=REMEMBERED_S,
        )
    shared = b"cross-origin" if origins else b"same-origin"
    return SecurityHeaders(TrustedHosts(app, settings.resolved_trusted_hosts), resource_policy=shared)
