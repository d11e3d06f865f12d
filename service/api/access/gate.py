"""The gate before every route: who asks, whether they may, and how often; before a byte of the body is read."""

from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request, Response, params
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from service.api.access.api_keys import ApiKeys
from service.api.access.rate_limits import RateLimits, RawHeaders, StreamLimits
from service.api.access.scopes import required_scopes, security_of
from service.api.dependencies import ServicesDep
from service.api.http.problems import PROBLEM
from service.api.http.query import known_only
from service.domain.key import ANYBODY, Caller, Scope
from service.errors import Forbidden

Handler = Callable[[Request], Coroutine[Any, Any, Response]]

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, kw_only=True)
class Gate:
    """Lets requests pass.

    Attributes:
        keyring: Tells who asks.
        rates: Counts how often.
        streams: Counts those that it has open.
        origins: Whose pages may use a service that takes no keys, beside its own.
    """

    keyring: ApiKeys
    rates: RateLimits
    streams: StreamLimits
    origins: frozenset[str]

    async def admit(self, request: Request, takes: tuple[Scope, ...]) -> RawHeaders:
        """Let the request pass, and make its caller known to the route; what the answer says of its limit.

        Raises:
            Unauthenticated: A key is asked for, and none was shown that holds.
            Forbidden: The key has none of the scopes, or the request comes from another site's page.
            TooManyRequests: The caller has asked as often as it may.
        """
        scope = request.scope
        caller = await self.keyring.caller(scope["headers"]) if self.keyring.asks else ANYBODY
        headers = self.rates.count(who(caller, request)) if self.rates.are_limited else []
        if not caller.may(*takes):
            wanted, had = " or ".join(_named(takes)), ", ".join(_named(caller.scopes))
            raise Forbidden(f"This takes a key with the scope {wanted}; this one has {had}.")
        if caller.id is None and scope["method"] not in SAFE_METHODS:
            self._check_origin(request)
        scope["state"]["caller"] = caller
        return headers

    def _check_origin(self, request: Request) -> None:
        """Without keys, a page of another site must not be able to send orders through a visitor's browser."""
        origin = request.headers.get("origin")
        if origin is None or origin in self.origins:
            return
        if origin.partition("://")[2] != request.headers.get("host"):
            raise Forbidden(
                f"Pages of {origin!r} may not use this service; NAIVENET_CORS_ORIGINS lists those that may."
            )


def gated(route: APIRoute, handler: Handler) -> Handler:
    """The handler behind the gate; a public route's handler stays as it is."""
    takes = required_scopes(route.endpoint)
    if not takes:
        return handler

    async def handle(request: Request) -> Response:
        gate: Gate = request.state.gate
        told = await gate.admit(request, takes)
        response = await handler(request)
        response.raw_headers.extend(told)
        return response

    return handle


class GatedRoute(APIRoute):
    """A route behind the gate, that refuses parameters which it does not know.

    It has all that every route has from its making: what an application adds to routers that it includes makes FastAPI
    build each of their routes once more.
    """

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        dependencies: Sequence[params.Depends] | None = None,
        responses: dict[int | str, dict[str, Any]] | None = None,
        openapi_extra: dict[str, Any] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(
            path,
            endpoint,
            dependencies=[Depends(known_only), *(dependencies or ())],
            responses=PROBLEM | (responses or {}),
            openapi_extra={**(openapi_extra or {}), "security": security_of(required_scopes(endpoint))},
            **options,
        )

    def get_route_handler(self) -> Handler:
        """The route's own handler, asked only for those who may."""
        return gated(self, super().get_route_handler())


def check_gates(routes: Iterable[BaseRoute]) -> None:
    """Check that every route has the gate before it: a scope that no gate checks guards nothing.

    Raises:
        LookupError: Some are without.
    """
    if ungated := [route for route in routes if not isinstance(route, GatedRoute)]:
        raise LookupError(f"{ungated} have no gate before them: give their router route_class=GatedRoute.")


async def _caller(request: Request) -> Caller:
    caller: Caller = request.state.caller
    return caller


CallerDep = Annotated[Caller, Depends(_caller)]


def _own_job(job_id: str, caller: CallerDep, services: ServicesDep) -> str:
    if Scope.ADMIN not in caller.scopes:
        creator = services.jobs.get(job_id).created_by
        _check_owner(caller, creator.id if creator else None, f"job {job_id!r}")
    return job_id


def _own_checkpoint(checkpoint_id: str, caller: CallerDep, services: ServicesDep) -> str:
    if Scope.ADMIN not in caller.scopes:
        checkpoint = services.checkpoints.get(checkpoint_id)
        job = services.jobs.get(checkpoint.job_id) if checkpoint.job_id else None
        creator_id = job.created_by.id if job and job.created_by else checkpoint.created_by
        _check_owner(caller, creator_id, f"checkpoint {checkpoint_id!r}")
    return checkpoint_id


def _check_owner(caller: Caller, creator_id: str | None, what: str) -> None:
    if not caller.owns(creator_id):
        raise Forbidden(f"The {what} was made with another key: changing it takes that one, or the scope `admin`.")


#: The id of a job or checkpoint that the caller may change.
OwnJob = Annotated[str, Depends(_own_job)]
OwnCheckpoint = Annotated[str, Depends(_own_checkpoint)]


def who(caller: Caller, request: Request) -> str:
    """Whose requests are counted together: those of a key, or of an address where none is asked for."""
    return caller.id or (request.client.host if request.client else "")


def _named(scopes: Iterable[Scope]) -> list[str]:
    return [f"`{scope}`" for scope in sorted(scopes)]
