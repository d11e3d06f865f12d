"""Adds security headers to every response."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_SECURITY_POLICY = b"content-security-policy"

#: The policy of a response that sets none: if a browser shows it as a document, it loads nothing, runs nothing and is
#: never framed. Only inline styles and data images are allowed, because an SVG chart contains them.
DEFAULT_POLICY = (
    b"default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; frame-ancestors 'none'"
)


class SecurityHeaders:
    """ASGI middleware that adds security headers, and a content security policy to responses that have none.

    Args:
        app: The application inside.
        resource_policy: ``same-origin``, or ``cross-origin`` if pages of other sites may load responses.
    """

    def __init__(self, app: ASGIApp, *, resource_policy: bytes) -> None:
        self._app = app
        self._headers = [
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"no-referrer"),
            (b"cross-origin-opener-policy", b"same-origin"),
            (b"cross-origin-resource-policy", resource_policy),
        ]
        self._headers_with_policy = [*self._headers, (CONTENT_SECURITY_POLICY, DEFAULT_POLICY)]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and add the headers to the response."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message["headers"]
                has_policy = CONTENT_SECURITY_POLICY in [name for name, _ in headers]
                message["headers"] = [*headers, *(self._headers if has_policy else self._headers_with_policy)]
            await send(message)

        await self._app(scope, receive, send_with_headers)
