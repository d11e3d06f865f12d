"""Facts about a request: its route, its method, its job, its origin."""

from collections.abc import MutableMapping
from typing import Any

from asgi_correlation_id import correlation_id

from service.domain.job import Origin
from service.operations.tracing import traceparent

#: Methods that have a name of their own in metrics: a client can send any word.
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

#: What stands for a path that is no route, and for a status that nobody was there to get.
NO_ROUTE, NO_STATUS, OTHER = "none", 499, "OTHER"


def route_of(scope: MutableMapping[str, Any]) -> str:
    """The template of the route that answered, such as ``/v1/jobs/{job_id}``: there are only so many."""
    route = scope.get("route")
    return NO_ROUTE if route is None else route.path_format


def method_of(scope: MutableMapping[str, Any]) -> str:
    """The method, if it is one that there is."""
    method: str = scope["method"]
    return method if method in METHODS else OTHER


def job_of(scope: MutableMapping[str, Any]) -> dict[str, str]:
    """The job that a request is about, if it is about one."""
    job_id = scope.get("path_params", {}).get("job_id")
    return {"job_id": job_id} if job_id else {}


def context() -> dict[str, str | None]:
    """What each line of the log says of the request in which it was written."""
    return {"request_id": correlation_id.get()}


def origin() -> Origin:
    """What is kept with a job of the request that asked for it."""
    return Origin(request_id=correlation_id.get(), traceparent=traceparent())
