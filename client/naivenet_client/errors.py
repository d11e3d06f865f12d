"""The errors of the client.

::

    NaivenetClientError
    ├── Unreachable            no connection to the service, or it broke
    ├── Timeout                no response in time, or a job had not ended in time; also a TimeoutError
    ├── UnexpectedResponse     the response is not what the API promises; a proxy's page, for example
    ├── JobFailed              the job ended as failed; `job` is the job
    ├── InvalidSignature       a webhook was not signed with the secret, or long ago
    └── ServiceError           the service answered with an error: status, code, detail, errors, request_id
        ├── InvalidInput       400, 422: `errors` says where
        ├── Unauthorized       401: the API key is missing or not valid
        ├── Forbidden          403: the API key lacks a scope, or another key created the resource
        ├── NotFound           404
        ├── Conflict           409: the request does not fit the present state
        ├── PreconditionFailed 412: another client changed the resource first
        ├── TooLarge           413
        ├── RateLimited        429: too many requests, or a full queue; `retry_after` says when to retry
        └── Unavailable        502, 503, 504: retry later
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from naivenet_client.schemas.jobs import JobData


class NaivenetClientError(Exception):
    """The base of all errors of this package."""


class Unreachable(NaivenetClientError):
    """The service cannot be reached, or the connection broke."""


class Timeout(NaivenetClientError, TimeoutError):
    """The response did not come in time, or a job did not end in time."""


class UnexpectedResponse(NaivenetClientError):
    """The response is not what the API promises: another server may have sent it, such as a proxy."""


class InvalidSignature(NaivenetClientError):
    """The signature of a webhook does not fit its body and secret, or it was signed too long ago."""


class JobFailed(NaivenetClientError):
    """A job has failed.

    Attributes:
        job: The job; its `error` has the reason.
    """

    def __init__(self, job: "JobData") -> None:
        super().__init__(job)
        self.job = job

    def __str__(self) -> str:
        """Return the reason as text."""
        reason = self.job.error
        return f"{self.job.id} failed" + (f": {reason.message} [{reason.code}]" if reason else ".")


class FieldError(msgspec.Struct, frozen=True, kw_only=True):
    """One error in the input.

    Attributes:
        pointer: A JSON pointer into the body, or ``query/NAME``.
        message: What was wrong.
        code: A stable code, for programs.
        parameters: The values in the message.
    """

    pointer: str = ""
    message: str = ""
    code: str = ""
    parameters: dict[str, Any] = msgspec.field(default_factory=dict)


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """What the service says about an error: an RFC 9457 problem document, and two headers of its response."""

    status: int
    code: str = ""
    detail: str = ""
    errors: tuple[FieldError, ...] = ()
    request_id: str | None = None
    retry_after: float | None = None


class ServiceError(NaivenetClientError):
    """The service answered with an error.

    Args:
        problem: The parts of the response.
    """

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.problem.status

    @property
    def code(self) -> str:
        """A stable code, for programs; empty if a proxy answered."""
        return self.problem.code

    @property
    def detail(self) -> str:
        """The error in a sentence."""
        return self.problem.detail

    @property
    def errors(self) -> tuple[FieldError, ...]:
        """Where the input was wrong."""
        return self.problem.errors

    @property
    def request_id(self) -> str | None:
        """The id under which the service logged the request."""
        return self.problem.request_id

    @property
    def retry_after(self) -> float | None:
        """After how many seconds the service asks to retry; None if it does not."""
        return self.problem.retry_after

    def __str__(self) -> str:
        """Return the error as text, one line for each wrong field."""
        labels = ", ".join(filter(None, [str(self.status), self.code, self.request_id]))
        fields = [f"{each.pointer}: {each.message}" for each in self.errors if each.message not in self.detail]
        return "\n  ".join([f"{self.detail} [{labels}]", *fields])


class InvalidInput(ServiceError):
    """The request has a mistake; `errors` says where."""


class Unauthorized(ServiceError):
    """The service requires an API key, and got none or one that is not valid."""


class Forbidden(ServiceError):
    """The API key lacks a scope, or another key created the resource."""


class NotFound(ServiceError):
    """There is no such job, checkpoint, model, version, alias or path."""


class Conflict(ServiceError):
    """The request does not fit the present state of the resource."""


class PreconditionFailed(ServiceError):
    """Another client changed the resource since its `etag` was read."""


class TooLarge(ServiceError):
    """The request, an image or a list is over a limit."""


class RateLimited(ServiceError):
    """Too many requests, or a full queue; `retry_after` says when to retry."""


class Unavailable(ServiceError):
    """The service or what it depends on does not respond at the moment."""


_BY_STATUS: Mapping[int, type[ServiceError]] = {
    400: InvalidInput,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    412: PreconditionFailed,
    413: TooLarge,
    422: InvalidInput,
    429: RateLimited,
    502: Unavailable,
    503: Unavailable,
    504: Unavailable,
}


class _Document(msgspec.Struct):
    code: str = ""
    detail: str = ""
    errors: tuple[FieldError, ...] = ()


def error_of(status: int, body: bytes, headers: Mapping[str, str], *, url: str = "the URL") -> ServiceError:
    """Return the error for a response of *url*; its body may be of another server, such as a proxy's HTML page."""
    try:
        document = msgspec.json.decode(body, type=_Document)
    except (msgspec.DecodeError, UnicodeDecodeError):
        document = _Document()
    problem = Problem(
        status=status,
        code=document.code,
        detail=document.detail or _foreign(status, url, headers.get("location")),
        errors=document.errors,
        request_id=headers.get("x-request-id"),
        retry_after=retry_after(headers.get("retry-after")),
    )
    return _BY_STATUS.get(status, ServiceError)(problem)


def _foreign(status: int, url: str, location: str | None) -> str:
    """Return a sentence about a response that the service did not write."""
    redirected = f", a redirect to {location}" if location else ""
    return f"A proxy or another server answered at {url}, with the status {status}{redirected}."


def retry_after(value: str | None, *, now: datetime | None = None) -> float | None:
    """Return the seconds in a ``Retry-After`` header: a number, or an HTTP date; None if it is neither."""
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - (now or datetime.now(UTC))).total_seconds())
