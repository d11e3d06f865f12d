"""What each route takes of a key, in one table; the document's security schemes, and that no route is without a row."""

from collections.abc import Iterable, Mapping
from typing import Any

from fastapi.routing import APIRoute

from service.domain.key import Scope

READ, PREDICT, TRAIN, ADMIN = (Scope.READ,), (Scope.PREDICT,), (Scope.TRAIN,), (Scope.ADMIN,)

#: Any one of the scopes will do; none means that no key is asked for.
TABLE: Mapping[tuple[Scope, ...], tuple[str, ...]] = {
    (): (
        "GET /",
        "GET /page/vega.js",
        "GET /page/{name}",
        "GET /docs",
        "GET /docs/{name}",
        "GET /openapi.json",
        "GET /health/live",
        "GET /health/ready",
        "GET /v2/health/live",
        "GET /v2/health/ready",
    ),
    READ: (
        "GET /metrics",
        "GET /v1/options",
        "GET /v1/jobs",
        "GET /v1/jobs/{job_id}",
        "GET /v1/jobs/{job_id}/history",
        "GET /v1/jobs/{job_id}/events",
        "GET /v1/jobs/{job_id}/checkpoints",
        "GET /v1/checkpoints",
        "GET /v1/checkpoints/{checkpoint_id}",
        "GET /v1/checkpoints/{checkpoint_id}/weights",
        "GET /v1/checkpoints/{checkpoint_id}/evaluation",
        "GET /v1/models",
        "GET /v1/jobs/{job_id}/curve",
        "GET /v1/jobs/{job_id}/curve.{form}",
        "GET /v1/jobs/{job_id}/histograms",
        "GET /v1/jobs/{job_id}/histograms.{form}",
        "GET /v1/checkpoints/{checkpoint_id}/histograms",
        "GET /v1/checkpoints/{checkpoint_id}/histograms.{form}",
        "GET /v1/checkpoints/{checkpoint_id}/units",
        "GET /v1/checkpoints/{checkpoint_id}/units.{form}",
        "GET /v1/checkpoints/{checkpoint_id}/confusion",
        "GET /v1/checkpoints/{checkpoint_id}/confusion.{form}",
        "GET /v1/compare/curve",
        "GET /v1/compare/curve.{form}",
        "GET /v1/compare",
    ),
    READ + PREDICT: ("GET /v1/models/{name}",),  # ours, and TensorFlow Serving's status
    PREDICT: (
        "POST /v1/predict",
        "POST /v1/jobs/{job_id}/predict",
        "POST /v1/models/{name}:predict",
        "POST /v1/models/{name}/versions/{version}:predict",
        "POST /v1/models/{name}/labels/{label}:predict",
        "GET /v1/models/{name}/versions/{version}",
        "GET /v1/models/{name}/labels/{label}",
        "GET /v1/models/{name}/metadata",
        "GET /v1/models/{name}/versions/{version}/metadata",
        "GET /v1/models/{name}/labels/{label}/metadata",
        "GET /v2",
        "GET /v2/models/{name}",
        "GET /v2/models/{name}/ready",
        "GET /v2/models/{name}/versions/{version}",
        "GET /v2/models/{name}/versions/{version}/ready",
        "POST /v2/models/{name}/infer",
        "POST /v2/models/{name}/versions/{version}/infer",
    ),
    TRAIN: (  # what changes a job or a checkpoint also takes that it is one's own, or `admin`
        "POST /v1/jobs",
        "POST /v1/jobs/{job_id}/fork",
        "PATCH /v1/jobs/{job_id}",
        "POST /v1/jobs/{job_id}/pause",
        "POST /v1/jobs/{job_id}/resume",
        "POST /v1/jobs/{job_id}/cancel",
        "DELETE /v1/jobs/{job_id}",
        "POST /v1/jobs/{job_id}/checkpoints",
        "POST /v1/checkpoints",
        "DELETE /v1/checkpoints/{checkpoint_id}",
    ),
    ADMIN: (  # what answers everybody's predictions, and what hears of everybody's jobs
        "POST /v1/models/{name}/versions",
        "PUT /v1/models/{name}/aliases/{alias}",
        "DELETE /v1/models/{name}/aliases/{alias}",
        "GET /v1/webhooks",
        "POST /v1/webhooks",
        "GET /v1/webhooks/{webhook_id}",
        "DELETE /v1/webhooks/{webhook_id}",
        "POST /v1/webhooks/{webhook_id}/test",
        "GET /v1/webhooks/{webhook_id}/deliveries",
        "GET /v1/webhooks/{webhook_id}/deliveries/{delivery_id}",
    ),
}

_BY_ROUTE = {route: takes for takes, routes in TABLE.items() for route in routes}

SCHEMES: Mapping[str, Mapping[str, str]] = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "A key, as `naivenet keys create` tells it."},
    "header": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "The same key."},
}


def taken_by(methods: Iterable[str], path: str) -> tuple[Scope, ...]:
    """The scopes of which a route takes any one.

    Raises:
        LookupError: It has no row: nothing is served of which nobody said who may have it.
    """
    routes = [f"{method} {path}" for method in sorted(methods)]
    if missing := [route for route in routes if route not in _BY_ROUTE]:
        raise LookupError(f"{missing[0]} has no row in service.api.access.scopes.TABLE.")
    return _BY_ROUTE[routes[0]]


def scopes_of(route: APIRoute) -> tuple[Scope, ...]:
    """The scopes of which *route* takes any one."""
    return taken_by(route.methods or (), route.path_format)


def describe(document: dict[str, Any]) -> None:
    """Say in an OpenAPI document which operation takes which scope."""
    document["components"]["securitySchemes"] = dict(SCHEMES)
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            takes = taken_by([method.upper()], path)
            operation["security"] = [{scheme: [scope]} for scope in takes for scheme in SCHEMES]
