"""Documents the errors of each operation by status, from what the operation has: a key, a body, a resource."""

from collections.abc import Iterator
from http import HTTPStatus

from service.api.http.openapi.walk import Document, operations

UNPROCESSABLE = HTTPStatus.UNPROCESSABLE_ENTITY

#: What each status means to a client.
MEANINGS = {
    HTTPStatus.BAD_REQUEST: "The body cannot be read.",
    HTTPStatus.UNAUTHORIZED: "The API key is missing or unknown.",
    HTTPStatus.FORBIDDEN: "The API key lacks the scope, or the resource belongs to another key.",
    HTTPStatus.NOT_FOUND: "There is no such resource.",
    HTTPStatus.NOT_ACCEPTABLE: "The service has no format that `Accept` allows.",
    HTTPStatus.CONFLICT: "The state of the resource does not allow it.",
    HTTPStatus.PRECONDITION_FAILED: "The resource has changed: its `ETag` is not that of `If-Match`.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body is larger than the service allows.",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "The service does not read this media type or coding.",
    UNPROCESSABLE: "A parameter or a field of the body is wrong; `errors` names each.",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many requests, or a full queue: wait as long as `Retry-After` says.",
    HTTPStatus.SERVICE_UNAVAILABLE: "The database or the storage does not answer: try again later.",
}

#: The components that describe the errors of this API, and those of the serving protocols.
PROBLEM, PROTOCOL_ERROR = "Problem", "ProtocolError"
PROTOCOLS = frozenset({"TensorFlow Serving", "Open Inference Protocol"})

#: Query parameters that name a resource, which may not exist.
NAMING = frozenset({("query", "model"), ("query", "jobs")})

_PROTOCOL_ERROR: Document = {
    "type": "object",
    "description": "An error of a serving protocol.",
    "required": ["error"],
    "properties": {"error": {"type": "string", "examples": ["There is no model 'nope'."]}},
}


def add_errors(document: Document) -> None:
    """List in each operation the errors that it can answer; each is described once, under ``components``."""
    components = document["components"]
    components["schemas"][PROTOCOL_ERROR] = _PROTOCOL_ERROR
    responses: Document = components.setdefault("responses", {})
    for method, operation in operations(document):
        is_protocol = bool(PROTOCOLS.intersection(operation["tags"]))
        kind = PROTOCOL_ERROR if is_protocol else PROBLEM
        for status in _statuses(method, operation):
            if status is not UNPROCESSABLE or not is_protocol:  # the protocols say 400
                name = f"{kind}{status.value}"
                responses[name] = _response(status, kind)
                operation["responses"].setdefault(str(status.value), {"$ref": f"#/components/responses/{name}"})
        operation["responses"] = dict(sorted(operation["responses"].items()))


def _statuses(method: str, operation: Document) -> Iterator[HTTPStatus]:
    """Yield the statuses of the errors that an operation can answer."""
    parameters = {(each["in"], each["name"].lower()) for each in operation.get("parameters", [])}
    yield UNPROCESSABLE  # every operation refuses unknown parameters
    if operation["security"]:
        yield from (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
        yield from (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
    if any(place == "path" for place, _ in parameters) or parameters & NAMING:
        yield HTTPStatus.NOT_FOUND
    if len(operation["responses"].get("200", {}).get("content", {})) > 1:
        yield HTTPStatus.NOT_ACCEPTABLE
    if method != "get":
        yield HTTPStatus.CONFLICT
    if ("header", "if-match") in parameters:
        yield HTTPStatus.PRECONDITION_FAILED
    if "requestBody" in operation:
        yield from (HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNSUPPORTED_MEDIA_TYPE)


def _response(status: HTTPStatus, kind: str) -> Document:
    media_type = "application/problem+json" if kind == PROBLEM else "application/json"
    content = {"schema": {"$ref": f"#/components/schemas/{kind}"}}
    return {"description": MEANINGS[status], "content": {media_type: content}}
