"""Errors as RFC 9457 problem+json: one table says which status and which stable code each class of error has."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import BaseRoute, Match

from service import errors
from service.api.http.request_info import NO_STATUS, job_of

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"

#: What the OpenAPI document says of every route.
PROBLEM: dict[int | str, dict[str, Any]] = {
    "default": {
        "description": "What went wrong.",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
}

#: Where clients of TensorFlow Serving and of the Open Inference Protocol may be; they look for a member ``error``.
PROTOCOL_PATHS = ("/v1/models", "/v2")

#: A class that is not listed takes its parent's row.
TABLE: Mapping[type[errors.ServiceError], tuple[HTTPStatus, str]] = {
    errors.MalformedBody: (HTTPStatus.BAD_REQUEST, "malformed_body"),
    errors.InvalidInput: (HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_input"),
    errors.InvalidImage: (HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_image"),
    errors.TooLarge: (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large"),
    errors.UnsupportedMedia: (HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type"),
    errors.NotAcceptable: (HTTPStatus.NOT_ACCEPTABLE, "not_acceptable"),
    errors.Unauthenticated: (HTTPStatus.UNAUTHORIZED, "unauthenticated"),
    errors.Forbidden: (HTTPStatus.FORBIDDEN, "forbidden"),
    errors.Misdirected: (HTTPStatus.MISDIRECTED_REQUEST, "misdirected"),
    errors.NotFound: (HTTPStatus.NOT_FOUND, "not_found"),
    errors.Conflict: (HTTPStatus.CONFLICT, "conflict"),
    errors.InvalidTransition: (HTTPStatus.CONFLICT, "invalid_transition"),
    errors.IdempotencyConflict: (HTTPStatus.CONFLICT, "idempotency_conflict"),
    errors.PreconditionFailed: (HTTPStatus.PRECONDITION_FAILED, "precondition_failed"),
    errors.StillInUse: (HTTPStatus.CONFLICT, "still_in_use"),
    errors.NothingToServe: (HTTPStatus.CONFLICT, "nothing_to_serve"),
    errors.ComeBackLater: (HTTPStatus.SERVICE_UNAVAILABLE, "come_back_later"),
    errors.QueueFull: (HTTPStatus.TOO_MANY_REQUESTS, "queue_full"),
    errors.TooManyRequests: (HTTPStatus.TOO_MANY_REQUESTS, "too_many_requests"),
    errors.TookTooLong: (HTTPStatus.GATEWAY_TIMEOUT, "took_too_long"),
    errors.NotInstalled: (HTTPStatus.NOT_IMPLEMENTED, "not_installed"),
    errors.WorkerTimeout: (HTTPStatus.GATEWAY_TIMEOUT, "worker_timeout"),
    errors.Unavailable: (HTTPStatus.SERVICE_UNAVAILABLE, "unavailable"),
    errors.StorageFull: (HTTPStatus.INSUFFICIENT_STORAGE, "storage_full"),
    errors.CorruptCheckpoint: (HTTPStatus.INTERNAL_SERVER_ERROR, "corrupt_checkpoint"),
    errors.ServiceError: (HTTPStatus.INTERNAL_SERVER_ERROR, "internal_error"),
}


class FieldProblem(BaseModel):
    """One thing that is wrong with the input."""

    pointer: str = Field(
        description="JSON pointer into the body, or `query/NAME`.", examples=["/optimizer/learning_rate"]
    )
    message: str = Field(examples=["Input should be greater than 0"])
    code: str = Field(description="Stable, for programs.", examples=["greater_than"])
    parameters: dict[str, str | float] = Field(description="What the message has in it.", examples=[{"gt": 0}])


class Problem(BaseModel):
    """What went wrong (RFC 9457)."""

    type: str = Field("about:blank", examples=["about:blank"])
    title: str = Field(examples=["Unprocessable Entity"])
    status: int = Field(examples=[422])
    detail: str = Field(examples=["The request body is not valid."])
    instance: str = Field(examples=["/v1/jobs"])
    code: str = Field(description="Stable, for programs.", examples=["invalid_input"])
    errors: list[FieldProblem] | None = None
    error: str | None = Field(None, description="The detail again, under `/v1/models` and `/v2`.")


def install(app: FastAPI) -> None:
    """Make every error of *app* a problem."""
    app.add_exception_handler(errors.ServiceError, _service_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(ClientDisconnect, _left)
    app.add_exception_handler(Exception, _unforeseen)


def problem(
    request: Request,
    status: HTTPStatus,
    code: str,
    detail: str,
    *,
    fields: tuple[errors.FieldError, ...] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The answer."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": _sayable(detail),
        "instance": _sayable(request.scope["path"]),
        "code": code,
    }
    if body["instance"].startswith(PROTOCOL_PATHS):
        body["error"] = body["detail"]
    if fields:
        body["errors"] = [_told(field) for field in fields]
    return Response(orjson.dumps(body), status.value, headers=headers, media_type=MEDIA_TYPE)


def _told(field: errors.FieldError) -> dict[str, Any]:
    parameters = {
        name: _sayable(value) if isinstance(value, str) else value for name, value in field.parameters.items()
    }
    return {
        "pointer": _sayable(field.pointer),
        "message": _sayable(field.message),
        "code": field.code,
        "parameters": parameters,
    }


def _sayable(text: str) -> str:
    """The text, with lone surrogates, which a client can send and JSON cannot carry, written out."""
    return text.encode("utf-8", "backslashreplace").decode()


def row_of(error: BaseException) -> tuple[HTTPStatus, str]:
    """The status and the code of an error of ours."""
    return next(TABLE[kind] for kind in type(error).__mro__ if kind in TABLE)


async def _service_error(request: Request, error: Exception) -> Response:
    return answer_to(request, error)


def answer_to(request: Request, error: Exception) -> Response:
    """The answer to an error of ours."""
    status, code = row_of(error)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        logger.error("%s %s: %s", request.method, request.url.path, error, extra=job_of(request.scope))
    fields = error.errors if isinstance(error, errors.InvalidInput) else ()
    return problem(request, status, code, str(error), fields=fields, headers=headers_of(error))


def headers_of(error: Exception) -> dict[str, str]:
    """What HTTP says of an error beside its status."""
    if isinstance(error, errors.Unauthenticated):
        return {"WWW-Authenticate": "Bearer"}
    told = dict(error.headers) if isinstance(error, errors.TooManyRequests) else {}
    return told | {"Retry-After": str(error.retry_after_s)} if isinstance(error, errors.ComeBackLater) else told


async def _validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101  # the handler is registered for no other
    fields = tuple(errors.FieldError.of(_pointer(*each["loc"]), each) for each in error.errors())
    detail = "; ".join(f"{field.pointer}: {field.message}" for field in fields)
    return problem(request, HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_input", detail, fields=fields)


def _pointer(root: str, *path: str | int) -> str:
    """A JSON pointer for what lies in the body, a name such as ``query/limit`` for all else."""
    return "/".join(map(str, ("" if root == "body" else root, *path)))


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  # the handler is registered for no other
    if isinstance(error.__cause__, errors.ServiceError):  # FastAPI wraps what is raised while it reads a form
        return await _service_error(request, error.__cause__)
    status = HTTPStatus(error.status_code)
    code = status.phrase.lower().replace(" ", "_")
    headers = {"Allow": _allowed(request)} if status == HTTPStatus.METHOD_NOT_ALLOWED else error.headers
    return problem(request, status, code, str(error.detail), headers=headers)


def _allowed(request: Request) -> str:
    """The methods of all routes at this path; the framework knows those of the first alone."""
    routes: list[BaseRoute] = request.app.routes
    asked = [(method, dict(request.scope, method=method)) for method in ("DELETE", "GET", "PATCH", "POST", "PUT")]
    return ", ".join(method for method, scope in asked if any(r.matches(scope)[0] is Match.FULL for r in routes))


async def _left(request: Request, error: Exception) -> Response:  # noqa: ARG001  # nothing of them is needed
    return Response(status_code=NO_STATUS)  # for metrics and log: a client that hangs up is no fault of ours


async def _unforeseen(request: Request, error: Exception) -> Response:  # noqa: ARG001  # Starlette logs it after this answer
    detail = "Something went wrong that is not your request's fault; the log has it under this answer's X-Request-ID."
    return problem(request, HTTPStatus.INTERNAL_SERVER_ERROR, "internal_error", detail)
