"""Facts about a request: its id, its headers, and for logs, metrics and traces its route, its method and its job."""

from collections.abc import MutableMapping
from contextvars import ContextVar
from typing import Any

from service.domain.job import Origin
from service.operations.tracing import traceparent

#: The id of the current request: the client's own ``X-Request-ID``, or a new one.
request_id: ContextVar[str | None] = ContextVar("request_id", default=None)

#: The path prefix under which the client sees the service, such as ``/digits``; empty without one.
path_prefix: ContextVar[str] = ContextVar("path_prefix", default="")

#: Methods that have a label of their own in metrics: a client can send any word as the method.
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

#: The label of a path that is no route, and of any other method.
NO_ROUTE, OTHER = "none", "OTHER"

#: The status of a request whose client disconnected before the response (nginx's convention).
NO_STATUS = 499


def first_headers(scope: MutableMapping[str, Any]) -> dict[bytes, bytes]:
    """Return the request's headers, of several with one name the first; made once, as Starlette's compare all names."""
    headers: dict[bytes, bytes] | None = scope.get("naivenet.headers")
    if headers is None:
        headers = scope["naivenet.headers"] = dict(reversed(scope["headers"]))
    return headers


def header_of(scope: MutableMapping[str, Any], name: bytes) -> str | None:
    """Return a header of the request as text; None if it was not sent."""
    value = first_headers(scope).get(name)
    return None if value is None else value.decode("latin-1")


def route_of(scope: MutableMapping[str, Any]) -> str:
    """Return the template of the route, such as ``/v1/jobs/{job_id}``; paths would be too many labels."""
    route = scope.get("route")
    return NO_ROUTE if route is None else route.path_format


def method_of(scope: MutableMapping[str, Any]) -> str:
    """Return the method, or ``OTHER`` for one that HTTP does not define."""
    method: str = scope["method"]
    return method if method in METHODS else OTHER


def job_of(scope: MutableMapping[str, Any]) -> dict[str, str]:
    """Return the log field with the job id of the request's path; empty if the path has none."""
    job_id = scope.get("path_params", {}).get("job_id")
    return {"job_id": job_id} if job_id else {}


def context() -> dict[str, str | None]:
    """Return the log fields of the current request, which every log line gets."""
    return {"request_id": request_id.get()}


def origin() -> Origin:
    """Return the request id and trace that are stored with a job, so that its worker's logs and spans can name them."""
    return Origin(request_id=request_id.get(), traceparent=traceparent())
