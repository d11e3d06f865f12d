"""Plain routes: their endpoint parses the request itself, and POSTs to them skip FastAPI's routing."""

from collections.abc import Callable, Collection, Coroutine
from typing import Any, TypeVar

from fastapi import APIRouter, FastAPI, Request, Response
from pydantic import BaseModel, ValidationError
from starlette.convertors import StringConvertor, register_url_convertor
from starlette.requests import ClientDisconnect
from starlette.routing import Match, Route
from starlette.types import Receive, Scope, Send

from service.api.access.gate import GatedRoute, Handler, gated
from service.domain.field_messages import field_error
from service.errors import InvalidInput

Model = TypeVar("Model", bound=BaseModel)


class _Segment(StringConvertor):
    regex = "[^/:]+"


register_url_convertor("segment", _Segment())


def segment(name: str) -> str:
    """Return a path parameter without a colon, so that ``digits:predict`` is never read as the name of a model."""
    return f"{{{name}:segment}}"


class PlainRoute(GatedRoute):
    """A route whose endpoint takes the request and its path parameters (as strings), and returns the response."""

    def get_route_handler(self) -> Handler:
        """Return the endpoint behind the gate, without FastAPI's dependencies and models."""
        endpoint: Callable[..., Coroutine[Any, Any, Response]] = self.endpoint
        if not self.param_convertors:
            return gated(self, endpoint)

        async def handle(request: Request) -> Response:
            return await endpoint(request, **request.path_params)

        return gated(self, handle)


def add_fast_routes(app: FastAPI, *routers: APIRouter) -> None:
    """Match POSTs to the plain routes of *routers* ahead of all other routes.

    The FastAPI routes stay behind them: they document the routes and answer other methods with 405.
    """
    plain = [route for router in routers for route in router.routes if isinstance(route, PlainRoute)]
    app.router.routes[:0] = [_FastRoute(route) for route in plain if route.methods == {"POST"}]


class FastBodyRequest(Request):
    """A request whose body usually arrives as one ASGI message, which it returns without copying or streaming."""

    async def body(self) -> bytes:
        """Return the whole body.

        Raises:
            ClientDisconnect: The client disconnected before it had sent the whole body.
        """
        if not hasattr(self, "_body"):
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            first = message.get("body", b"")
            rest = [part async for part in self.stream()] if message.get("more_body", False) else []
            self._body = b"".join([first, *rest]) if rest else first
        return self._body


class _FastRoute(Route):
    """A plain route as a Starlette route; Starlette's exception middleware answers its errors."""

    def __init__(self, plain: PlainRoute) -> None:
        handler = plain.get_route_handler()

        class Endpoint:  # an object: Starlette would wrap a function once more
            async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
                response = await handler(FastBodyRequest(scope, receive, send))
                await response(scope, receive, send)

        super().__init__(plain.path, Endpoint(), methods=["POST"])

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match the request; a match also puts the route into the scope, for metrics, logs and traces."""
        match, child_scope = super().matches(scope)
        return match, {**child_scope, "route": self} if child_scope else child_scope


def read_query(request: Request, kind: type[Model], *, repeatable: Collection[str] = ()) -> Model:
    """Return the query string parsed as *kind*; the *repeatable* parameters are lists.

    Raises:
        InvalidInput: A parameter is unknown or has a wrong value; the error names each.
    """
    try:
        given = request.query_params
        return kind.model_validate({**given, **{name: given.getlist(name) for name in repeatable if name in given}})
    except ValidationError as error:
        fields = [field_error(f"query/{e['loc'][0]}", e, kind=kind) for e in error.errors()]
        raise InvalidInput("; ".join(f"{each.pointer}: {each.message}" for each in fields), *fields) from error
