"""The gate in front of every route: it checks API key, rate limit and scope before the request body is read."""

from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from threading import RLock
from typing import Any, ClassVar

from fastapi import Depends, Request, Response, params
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Route
from starlette.types import Scope as HttpScope

from service.api.access.api_keys import ApiKeys
from service.api.access.rate_limits import RateLimits, RawHeaders, rate_limit_key
from service.api.access.scopes import access_of, required_scopes
from service.api.http.problems import PROBLEM
from service.api.http.query import reject_unknown_parameters
from service.api.http.request_info import header_of
from service.domain.key import ANONYMOUS, Scope
from service.errors import Forbidden

Handler = Callable[[Request], Coroutine[Any, Any, Response]]

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

#: Held while a route is analysed: requests need it on the event loop, the OpenAPI document in a thread.
_ANALYSIS = RLock()


@dataclass(frozen=True, kw_only=True)
class Gate:
    """Authenticates, limits and authorizes requests.

    Attributes:
        api_keys: Authenticates the caller.
        rate_limits: Counts the caller's requests.
        origins: Origins whose pages may change something on a service without API keys, beside its own page.
    """

    api_keys: ApiKeys
    rate_limits: RateLimits
    origins: frozenset[str]

    async def admit(self, request: Request, scopes: tuple[Scope, ...]) -> RawHeaders:
        """Let a request with any one of *scopes* pass, put its caller into the state, and return rate-limit headers.

        Raises:
            Unauthenticated: An API key is required, and the request has no valid one.
            TooManyRequests: The caller is over its rate limit.
            Forbidden: The key has none of the scopes, or the request comes from another site's page.
        """
        scope = request.scope
        caller = await self.api_keys.caller(scope["headers"]) if self.api_keys.are_required else ANONYMOUS
        headers = self.rate_limits.count(rate_limit_key(caller, request)) if self.rate_limits.are_limited else []
        if not caller.may(*scopes):
            required, had = " or ".join(_quoted(scopes)), ", ".join(_quoted(caller.scopes))
            raise Forbidden(
                f"This route requires an API key with the scope {required}; the key that was sent has {had}."
            )
        if caller.id is None and scope["method"] not in SAFE_METHODS:
            self._check_origin(scope)
        scope["state"]["caller"] = caller
        return headers

    def _check_origin(self, scope: HttpScope) -> None:
        """Protect a service without API keys against CSRF: another site's page could use a visitor's browser."""
        origin = header_of(scope, b"origin")
        if origin is None or origin in self.origins:
            return
        if origin.partition("://")[2] != header_of(scope, b"host"):
            raise Forbidden(
                f"Pages of {origin!r} may not change anything here (CSRF protection); "
                "add the origin to NAIVENET_CORS_ORIGINS to allow it."
            )


def gated(route: APIRoute, handler: Handler) -> Handler:
    """Return the handler behind the gate; a public route's handler stays as it is."""
    scopes = required_scopes(route.endpoint)
    if not scopes:
        return handler

    async def handle(request: Request) -> Response:
        gate: Gate = request.scope["state"]["gate"]
        rate_limit_headers = await gate.admit(request, scopes)
        response = await handler(request)
        response.raw_headers.extend(rate_limit_headers)
        return response

    return handle


class GatedRoute(APIRoute):
    """A route behind the gate that rejects unknown query parameters and documents problems and scopes.

    All of this is set when the route is made, not when its router is included: including a router makes FastAPI build
    each route a second time.

    FastAPI analyses the endpoint's signature and builds its models when the route is first needed, and not at the
    start: all routes together took half a second. Matching a path needs no analysis.

    Attributes:
        id_prefix: The beginning of the operation id, before the endpoint's name.
    """

    id_prefix: ClassVar[str] = ""

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        dependencies: Sequence[params.Depends] | None = None,
        methods: Iterable[str] | None = None,
        operation_id: str | None = None,
        responses: dict[int | str, dict[str, Any]] | None = None,
        openapi_extra: dict[str, Any] | None = None,
        **options: Any,
    ) -> None:
        Route.__init__(
            self,
            path,
            endpoint,
            name=options.get("name"),
            include_in_schema=options.get("include_in_schema", True),
        )
        self.methods = set(methods or {"GET"})
        del self.app  # Starlette's; FastAPI's comes with the analysis
        self._analyse = partial(
            super().__init__,
            path,
            endpoint,
            dependencies=[Depends(reject_unknown_parameters), *(dependencies or ())],
            methods=self.methods,
            operation_id=operation_id or f"{self.id_prefix}{endpoint.__name__}",
            responses=PROBLEM | (responses or {}),
            openapi_extra={**(openapi_extra or {}), **access_of(required_scopes(endpoint))},
            **options,
        )

    def __getattr__(self, name: str) -> Any:
        """Return an attribute that FastAPI's analysis sets: Python asks here for attributes that are not set."""
        with _ANALYSIS:
            if analyse := vars(self).pop("_analyse", None):
                analyse()
        if name in vars(self):
            return vars(self)[name]
        raise AttributeError(f"A route has no attribute {name!r}.")

    def get_route_handler(self) -> Handler:
        """Return FastAPI's handler, behind the gate."""
        return gated(self, super().get_route_handler())


def check_all_gated(routes: Iterable[BaseRoute]) -> None:
    """Check that the gate stands in front of every route: a scope that no gate checks guards nothing.

    Raises:
        LookupError: It does not stand in front of some.
    """
    if ungated := [route for route in routes if not isinstance(route, GatedRoute)]:
        raise LookupError(f"{ungated} have no gate in front of them: give their router route_class=GatedRoute.")


def _quoted(scopes: Iterable[Scope]) -> list[str]:
    return [f"`{scope}`" for scope in sorted(scopes)]
