"""Turns errors into RFC 9457 problem documents; one table gives each error class its status and stable code."""

import errno
import logging
from collections.abc import Callable, Coroutine, Mapping
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import Match, Route

from service import errors
from service.api.http.inflation import CODINGS
from service.api.http.languages import language_of, message_of, sentence, title_of
from service.api.http.request_info import NO_STATUS, job_of, path_prefix
from service.domain.field_messages import field_error
from service.messages import Language

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"

#: The page with a paragraph about each kind of problem.
EXPLAINED_AT = "/docs/problems"

#: The error response that the OpenAPI document lists for every route.
PROBLEM: dict[int | str, dict[str, Any]] = {
    "default": {
        "description": "The error, as a problem document.",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
}

#: Paths of TensorFlow Serving's and the Open Inference Protocol's routes; their clients expect a member ``error``.
PROTOCOL_PATHS = ("/v1/models", "/v2")

#: An error class that is not listed has its parent's row.
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
    errors.QuotaExceeded: (HTTPStatus.TOO_MANY_REQUESTS, "quota_exceeded"),
    errors.TooManyRequests: (HTTPStatus.TOO_MANY_REQUESTS, "too_many_requests"),
    errors.TookTooLong: (HTTPStatus.GATEWAY_TIMEOUT, "took_too_long"),
    errors.NotInstalled: (HTTPStatus.NOT_IMPLEMENTED, "not_installed"),
    errors.WorkerTimeout: (HTTPStatus.GATEWAY_TIMEOUT, "worker_timeout"),
    errors.Unavailable: (HTTPStatus.SERVICE_UNAVAILABLE, "unavailable"),
    errors.StorageFull: (HTTPStatus.INSUFFICIENT_STORAGE, "storage_full"),
    errors.CorruptCheckpoint: (HTTPStatus.INTERNAL_SERVER_ERROR, "corrupt_checkpoint"),
    errors.ServiceError: (HTTPStatus.INTERNAL_SERVER_ERROR, "internal_error"),
}


class FieldProblem(BaseModel, defer_build=True):
    """One error in the input."""

    pointer: str = Field(
        description="JSON pointer (RFC 6901) into the body, or `query/NAME`.", examples=["/optimizer/learning_rate"]
    )
    message: str = Field(
        description="In English, or in Spanish if `Accept-Language` prefers it.",
        examples=["It must be greater than 0."],
    )
    code: str = Field(description="Stable error code, for programs.", examples=["greater_than"])
    parameters: dict[str, str | float] = Field(
        description="The values that the message contains.", examples=[{"gt": 0}]
    )


class Problem(BaseModel, defer_build=True):
    """A problem document (RFC 9457)."""

    type: str = Field(
        description="Leads to a paragraph about this kind of problem.", examples=["/docs/problems#invalid_input"]
    )
    title: str = Field(examples=["Unprocessable Entity"])
    status: int = Field(examples=[422])
    detail: str = Field(examples=["The request body is not valid."])
    instance: str = Field(examples=["/v1/jobs"])
    code: str = Field(description="Stable error code, for programs.", examples=["invalid_input"])
    errors: list[FieldProblem] | None = None
    error: str | None = Field(None, description="Same as `detail`, under `/v1/models` and `/v2`.")


def _problem(
    request: Request,
    status: HTTPStatus,
    code: str,
    detail: str,
    *,
    fields: tuple[errors.FieldError, ...] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return a problem document as a response, in the language that the client prefers."""
    language = language_of(request.headers.get("accept-language"))
    body: dict[str, Any] = {
        "type": type_of(code),
        "title": title_of(code, status.phrase, language),
        "status": status.value,
        "detail": _encodable(_detail(detail, code, fields, language)),
        "instance": _encodable(request.scope["path"]),
        "code": code,
    }
    if body["instance"].startswith(PROTOCOL_PATHS):
        body["error"] = body["detail"]
    if fields:
        body["errors"] = [_field_problem(field, language) for field in fields]
    about = {"Content-Language": language, "Vary": "Accept-Language"}
    return Response(orjson.dumps(body), status.value, headers={**about, **(headers or {})}, media_type=MEDIA_TYPE)


def type_of(code: str) -> str:
    """Return the address of the paragraph about a kind of problem, which this service itself serves."""
    return f"{path_prefix.get()}{EXPLAINED_AT}#{code}"


def _detail(english: str, code: str, fields: tuple[errors.FieldError, ...], language: Language) -> str:
    """Return the detail; one that repeats the messages of the fields is made of these in the other language, too."""
    if len(fields) == 1 and english == fields[0].message:
        return message_of(fields[0], language)
    if fields and english == _joined(fields, "en"):
        return _joined(fields, language)
    return sentence(english, f"problem.{code}", language)


def _joined(fields: tuple[errors.FieldError, ...], language: Language) -> str:
    body = {"en": "The body", "es": "El cuerpo"}[language]
    return "; ".join(f"{field.pointer or body}: {message_of(field, language)}" for field in fields)


def _field_problem(field: errors.FieldError, language: Language) -> dict[str, Any]:
    parameters = {
        name: _encodable(value) if isinstance(value, str) else value for name, value in field.parameters.items()
    }
    return {
        "pointer": _encodable(field.pointer),
        "message": _encodable(message_of(field, language)),
        "code": field.code,
        "parameters": parameters,
    }


def _encodable(text: str) -> str:
    """Return the text with lone surrogates escaped: a client can send them, but UTF-8 cannot encode them."""
    return text.encode("utf-8", "backslashreplace").decode()


def status_and_code(error: BaseException) -> tuple[HTTPStatus, str]:
    """Return the row of TABLE for an error of this service."""
    return next(TABLE[kind] for kind in type(error).__mro__ if kind in TABLE)


async def _service_error(request: Request, error: Exception) -> Response:
    return problem_response(request, error)


def problem_response(request: Request, error: Exception) -> Response:
    """Return the problem document for an error of this service; server errors are logged too."""
    status, code = status_and_code(error)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        level = (
            logging.DEBUG if isinstance(error, errors.ComeBackLater) else logging.ERROR
        )  # the store logs its outages
        logger.log(level, "%s %s: %s", request.method, request.url.path, error, extra=job_of(request.scope))
    fields = error.errors if isinstance(error, errors.InvalidInput) else ()
    return _problem(request, status, code, str(error), fields=fields, headers=headers_of(error))


def headers_of(error: Exception) -> dict[str, str]:
    """Return the headers that belong to an error: ``WWW-Authenticate``, ``Retry-After``, ``RateLimit``."""
    if isinstance(error, errors.Unauthenticated):
        return {"WWW-Authenticate": "Bearer"}
    if isinstance(error, errors.NotAcceptable):
        return {"Vary": "Accept, Accept-Language"}
    if isinstance(error, errors.UnsupportedCoding):
        return {"Accept-Encoding": ", ".join(CODINGS)}
    headers = dict(error.headers) if isinstance(error, errors.TooManyRequests) else {}
    if isinstance(error, errors.ComeBackLater):
        headers["Retry-After"] = str(error.retry_after_s)
    return headers


async def _validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101  # the handler is registered for no other
    fields = tuple(field_error(_pointer(*each["loc"]), each) for each in error.errors())
    return _problem(request, HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_input", _joined(fields, "en"), fields=fields)


def _pointer(root: str, *path: str | int) -> str:
    """Return a JSON pointer for a place in the body; ``query/status`` also for one of several values of a parameter."""
    return "/".join(map(str, ("", *path) if root == "body" else (root, *path[:1])))


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  # the handler is registered for no other
    if isinstance(error.__cause__, errors.ServiceError):  # FastAPI wraps an error that is raised while it reads a form
        return await _service_error(request, error.__cause__)
    if isinstance(error.__cause__, OSError) and error.__cause__.errno in {errno.ENOSPC, errno.EDQUOT}:
        return problem_response(
            request, errors.StorageFull("The data folder has no space left for the upload: free some disk space.")
        )
    status = HTTPStatus(error.status_code)
    code = status.phrase.lower().replace(" ", "_")
    headers = {"Allow": _allowed(request)} if status == HTTPStatus.METHOD_NOT_ALLOWED else error.headers
    if status == HTTPStatus.METHOD_NOT_ALLOWED and request.method == "OPTIONS":
        return Response(status_code=HTTPStatus.NO_CONTENT, headers=headers)
    return _problem(request, status, code, _http_detail(request, status, error.detail, headers), headers=headers)


def _http_detail(request: Request, status: HTTPStatus, detail: str, headers: Mapping[str, str] | None) -> str:
    """Return a sentence for an error of Starlette's, which often has only the phrase of its status."""
    if status == HTTPStatus.METHOD_NOT_ALLOWED and headers:
        return f"This route does not allow {request.method}; use {headers['Allow']}."
    no_route = status == HTTPStatus.NOT_FOUND and detail == status.phrase
    return f"There is no route at {request.url.path!r}." if no_route else detail


def _allowed(request: Request) -> str:
    """Return the methods that are answered at this path; Starlette lists only the first route's.

    Of the routes that match, those with the fewest parameters count: ``/v1/jobs/cancel`` is no job.
    """
    routes: list[Route] = [each for each in request.app.routes if each.matches(request.scope)[0] is not Match.NONE]
    fewest = min((len(each.param_convertors) for each in routes), default=0)
    own = (each.methods or () for each in routes if len(each.param_convertors) == fewest)
    allowed = {method for methods in own for method in methods}
    return ", ".join(sorted(allowed | {"OPTIONS"} | ({"HEAD"} if "GET" in allowed else set())))


async def _client_disconnected(request: Request, error: Exception) -> Response:  # noqa: ARG001  # the interface of a handler
    return Response(status_code=NO_STATUS)  # only metrics and logs see it: no client is left to answer


async def _unexpected_error(request: Request, error: Exception) -> Response:  # noqa: ARG001  # Starlette logs the error itself
    detail = "The service failed unexpectedly; its log has the error under this response's X-Request-ID."
    return _problem(request, HTTPStatus.INTERNAL_SERVER_ERROR, "internal_error", detail)


#: What answers an error, by the type of the error; the last answers any other.
HANDLERS: dict[Any, Callable[[Request, Exception], Coroutine[Any, Any, Response]]] = {
    errors.ServiceError: _service_error,
    RequestValidationError: _validation_error,
    HTTPException: _http_error,
    ClientDisconnect: _client_disconnected,
    Exception: _unexpected_error,
}
