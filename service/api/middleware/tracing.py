"""Records an OpenTelemetry span for every request."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.http.request_info import header_of, method_of, route_of
from service.operations.tracing import Tracing


class RequestTracing:
    """ASGI middleware that records a span for each request, in the client's trace if it sends a ``traceparent``.

    It stands around `OnePass`, and only where tracing is on.

    Args:
        app: The application inside.
        tracing: Where spans are exported.
    """

    def __init__(self, app: ASGIApp, tracing: Tracing) -> None:
        self._app, self._tracing = app, tracing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on inside its span."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        parent = header_of(scope, b"traceparent")
        with self._tracing.span(scope["method"], parent=parent, is_request=True) as span:

            async def send_traced(message: Message) -> None:
                if message["type"] == "http.response.start":
                    span.set_attribute("http.response.status_code", message["status"])
                await send(message)

            await self._app(scope, receive, send_traced)
            span.update_name(f"{method_of(scope)} {route_of(scope)}")
            span.set_attributes({"http.route": route_of(scope), "http.request.method": method_of(scope)})
