"""Routes that read their request themselves: documented as the others are, and twice as fast."""

from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from fastapi import APIRouter, FastAPI, Request, Response
from pydantic import BaseModel, ValidationError
from starlette.requests import ClientDisconnect
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from service.api.gate import GatedRoute, Handler, gated
from service.errors import FieldError, InvalidInput

Model = TypeVar("Model", bound=BaseModel)


class PlainRoute(GatedRoute):
    """A route whose endpoint is given the request, and the parts of its path as they stand, and answers it."""

    def get_route_handler(self) -> Handler:
        """The endpoint itself, with no dependencies or models around it."""
        endpoint: Callable[..., Coroutine[Any, Any, Response]] = self.endpoint
        if not self.param_convertors:
            return gated(self, endpoint)

        async def handle(request: Request) -> Response:
            return await endpoint(request, **request.path_params)

        return gated(self, handle)


def put_in_front(app: FastAPI, *routers: APIRouter) -> None:
    """Have the posts to plain routes answered ahead of all other routes, with nothing of FastAPI's around them.

    FastAPI goes on documenting them, and refusing other methods: it costs more than a prediction does.
    """
    plain = [route for router in routers for route in router.routes if isinstance(route, PlainRoute)]
    hot = [Route(route.path, _asgi(route.get_route_handler()), methods=["POST"]) for route in plain if _is_post(route)]
    app.router.routes[:0] = hot


class WholeRequest(Request):
    """A request whose body mostly comes as one message: it is taken as it is, without a stream around it."""

    async def body(self) -> bytes:
        """The body.

        Raises:
            ClientDisconnect: The client left before all of it was here.
        """
        if not hasattr(self, "_body"):
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            first = message.get("body", b"")
            rest = [part async for part in self.stream()] if message.get("more_body", False) else []
            self._body = b"".join([first, *rest]) if rest else first
        return self._body


def _is_post(route: PlainRoute) -> bool:
    return route.methods == {"POST"}


def _asgi(handler: Handler) -> ASGIApp:
    """The handler as an application; what it raises, the middleware for errors answers."""

    class Endpoint:
        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            response = await handler(WholeRequest(scope, receive, send))
            await response(scope, receive, send)

    return Endpoint()


def read_query(request: Request, kind: type[Model]) -> Model:
    """The query string as *kind*.

    Raises:
        InvalidInput: It has what *kind* has not, or a value is wrong; names each.
    """
    try:
        return kind.model_validate(dict(request.query_params))
    except ValidationError as error:
        fields = [FieldError(f"query/{e['loc'][0]}", e["msg"]) for e in error.errors()]
        raise InvalidInput("; ".join(f"{each.pointer}: {each.message}" for each in fields), *fields) from error
