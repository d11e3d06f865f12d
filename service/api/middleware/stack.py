"""The middleware that every request passes, in order; plain ASGI, because predictions pass it too."""

import re
from secrets import token_hex

from asgi_correlation_id import CorrelationIdMiddleware
from starlette.types import ASGIApp

from service.api.live.metrics import Metrics
from service.api.middleware.access_log import AccessLog
from service.api.middleware.cors import Cors
from service.api.middleware.deadline import Deadline
from service.api.middleware.headers import SecurityHeaders
from service.api.middleware.hosts import TrustedHosts
from service.api.middleware.tracing import RequestTracing
from service.operations.tracing import Tracing
from service.settings import Settings

#: A request id that a client may choose: it goes into logs and into the response.
_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")


def observed(app: ASGIApp, settings: Settings, *, metrics: Metrics, tracing: Tracing | None) -> ASGIApp:
    """*app* inside tracing, then metrics and access log, then the request id, which all of them use."""
    if tracing:
        app = RequestTracing(app, tracing)
    return CorrelationIdMiddleware(
        AccessLog(app, metrics=metrics, level=settings.access_log),
        header_name="X-Request-ID",
        update_request_header=False,
        generator=lambda: token_hex(16),
        validator=lambda request_id: _REQUEST_ID.fullmatch(request_id) is not None,
        transformer=None,
    )


def protected(app: ASGIApp, settings: Settings) -> ASGIApp:
    """*app* inside the deadline, then CORS, then the check of the Host header, then security headers."""
    app = Deadline(app, timeout_s=settings.request_timeout_s)
    origins = settings.resolved_cors_origins
    app = Cors(app, origins)
    resource_policy = b"cross-origin" if origins else b"same-origin"
    return SecurityHeaders(TrustedHosts(app, settings.resolved_trusted_hosts), resource_policy=resource_policy)
