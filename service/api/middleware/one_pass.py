"""The one pass around every request: it finds out once what the request needs, and wraps ``send`` once.

Nested layers cost more by their number than by their work: each wraps ``send``, and looks for its header again.
"""

import re
from secrets import token_hex

from fastapi import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from service.api.http.problems import problem_response
from service.api.http.request_info import header_of, request_id
from service.api.live.metrics import Metrics
from service.api.middleware.access_log import AccessLog
from service.api.middleware.body_limit import BodyLimit
from service.api.middleware.codings import inflating
from service.api.middleware.cors import Cors
from service.api.middleware.exchange import Exchange
from service.api.middleware.headers import SecurityHeaders
from service.api.middleware.hosts import TrustedHosts
from service.errors import ServiceError
from service.settings import Settings

#: A request id that a client may choose: it goes into logs and into the response.
_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")


class OnePass:
    """ASGI middleware that does what every request needs.

    In this order: the request id, the check of the Host header, CORS, the body's coding and limit, the deadline. Every
    response, also a refusal, gets security headers and the request id, and is counted and logged.

    Args:
        app: The application inside.
        settings: Of the service.
        metrics: Where requests are counted.
        body_limit: The limits on request bodies.
    """

    def __init__(self, app: ASGIApp, settings: Settings, *, metrics: Metrics, body_limit: BodyLimit) -> None:
        self._app, self._body_limit, self._timeout_s = app, body_limit, settings.request_timeout_s
        self._log = AccessLog(metrics, level=settings.access_log)
        self._hosts = TrustedHosts(settings.resolved_trusted_hosts)
        self._cors = Cors(app, settings.resolved_cors_origins)
        self._headers = SecurityHeaders(resource_policy=b"cross-origin" if self._cors.is_on else b"same-origin")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request, or let the application answer it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        own_id = _request_id(scope)
        request_id.set(own_id)
        app, body = self._app, None
        try:
            self._hosts.check(scope)
            preflight = self._cors.preflight(scope) if scope["method"] == "OPTIONS" else None
            if self._cors.is_on and not preflight:
                send = self._cors.sending(scope, send)
            receive = inflating(scope, receive)
            if body := self._body_limit.of(scope, receive):
                receive = body.receive
            app = preflight or app
        except ServiceError as error:
            app = problem_response(Request(scope), error)
        exchange = Exchange(scope, send, headers=self._headers, request_id=own_id)
        try:
            await exchange.run(app, receive, timeout_s=self._timeout_s)
        finally:
            if body:
                body.release()
            self._log.record(scope, status=exchange.status, began=exchange.began, latency_s=exchange.latency_s)


def _request_id(scope: Scope) -> str:
    given = header_of(scope, b"x-request-id")
    return given if given and _REQUEST_ID.fullmatch(given) else token_hex(16)
