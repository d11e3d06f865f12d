"""Security headers on every answer."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = b"content-security-policy"

#: For answers that have no policy of their own: whatever they are taken for, they load nothing and nobody frames them.
#: A picture of a curve may style itself.
NOTHING = b"default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; frame-ancestors 'none'"


class SecurityHeaders:
    """Puts the headers that keep browsers from misusing an answer on every one.

    Args:
        app: What it guards.
        resource_policy: Whether pages of other sites may show what is answered.
    """

    def __init__(self, app: ASGIApp, *, resource_policy: bytes) -> None:
        self._app = app
        self._headers = [
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"no-referrer"),
            (b"cross-origin-opener-policy", b"same-origin"),
            (b"cross-origin-resource-policy", resource_policy),
        ]
        self._with_policy = [*self._headers, (POLICY, NOTHING)]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and its answer back with more headers."""

        async def shielded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message["headers"]
                own = POLICY in [name for name, _ in headers]
                message["headers"] = [*headers, *(self._headers if own else self._with_policy)]
            await send(message)

        await self._app(scope, receive, shielded)
