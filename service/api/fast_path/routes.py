"""Plain routes: their endpoint parses the request itself, and POSTs to them skip FastAPI's routing."""

from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping
from typing import Any, TypeVar

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ValidationError
from starlette.convertors import StringConvertor, register_url_convertor
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send

from service.api.access.gate import GatedRoute, Handler, gated
from service.api.http.problems import HANDLERS
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


class FastRoutes:
    """ASGI application that answers POSTs to the plain routes of *routers* itself, and passes all else on to *app*.

    The routes stay in FastAPI too, which documents them and answers other methods with 405.
    """

    def __init__(self, app: ASGIApp, *routers: APIRouter) -> None:
        self._app = app
        plain = [route for router in routers for route in router.routes if isinstance(route, PlainRoute)]
        routes = [(route, route.get_route_handler()) for route in plain if route.methods == {"POST"}]
        self._by_path = {each[0].path: each for each in routes}
        self._with_parameters = [each for each in routes if each[0].param_convertors]

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Answer the request or pass it on; no coroutine of its own, because predictions pass it."""
        if scope["type"] == "http" and scope["method"] == "POST":
            if found := self._by_path.get(scope["path"]):
                return _answer(*found, {}, scope, receive, send)
            for route, handler in self._with_parameters:
                if match := route.path_regex.match(scope["path"]):
                    return _answer(route, handler, match.groupdict(), scope, receive, send)
        return self._app(scope, receive, send)


async def _answer(
    route: PlainRoute, handler: Handler, path_params: dict[str, str], scope: Scope, receive: Receive, send: Send
) -> None:
    scope["route"], scope["path_params"] = route, path_params  # for metrics, logs and traces, too
    request = FastBodyRequest(scope, receive)
    try:
        response = await handler(request)
    except Exception as error:
        kind = next(each for each in type(error).__mro__ if each in HANDLERS)
        response = await HANDLERS[kind](request, error)
        if kind is Exception:  # as Starlette does: the server logs it
            await response(scope, receive, send)
            raise
    await response(scope, receive, send)


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


class JsonAnswer(Response):
    """A 200 response of JSON; its two headers need none of Starlette's checks."""

    def init_headers(self, headers: Mapping[str, str] | None = None) -> None:  # noqa: ARG002  # Starlette's signature
        """Set the headers."""
        self.raw_headers = [(b"content-length", b"%d" % len(self.body)), (b"content-type", b"application/json")]


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
