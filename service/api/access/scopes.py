"""The API-key scope that each route requires: stated on the route, checked by the gate, published in OpenAPI."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from service.domain.key import Scope

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])

#: The OpenAPI document's security schemes: two headers in which a client may send its API key.
SCHEMES: Mapping[str, Mapping[str, str]] = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "An API key, made by `naivenet keys create`."},
    "header": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "The same API key."},
}

#: The field of an operation with the scopes of which an API key needs one.
SCOPES_FIELD = "x-required-scopes"

_MARK = "required_scopes"


def requires(*scopes: Scope) -> Callable[[Endpoint], Endpoint]:
    """Let a route answer only API keys that have at least one of *scopes*; it stands below the router's decorator."""

    def mark(endpoint: Endpoint) -> Endpoint:
        vars(endpoint)[_MARK] = scopes
        return endpoint

    return mark


#: Let a route answer requests without an API key.
public = requires()


def required_scopes(endpoint: Callable[..., Any]) -> tuple[Scope, ...]:
    """Return the scopes of a route: an API key needs one of them. A public route has none.

    Raises:
        LookupError: The route states no scope: add ``@requires(...)`` or ``@public``.
    """
    if _MARK not in vars(endpoint):
        name = f"{endpoint.__module__}.{endpoint.__qualname__}"
        raise LookupError(f"{name} states no scope: put @requires(Scope...) or @public below its router's decorator.")
    scopes: tuple[Scope, ...] = vars(endpoint)[_MARK]
    return scopes


def access_of(scopes: tuple[Scope, ...]) -> dict[str, Any]:
    """Return what an OpenAPI operation says about its access: the ways to send a key, and the scopes, if any.

    The scopes stand beside ``security``: in it, only OAuth's have a place that all tools accept.
    """
    security: list[dict[str, list[str]]] = [{scheme: []} for scheme in SCHEMES if scopes]
    return {"security": security, SCOPES_FIELD: [scope.value for scope in scopes]}
