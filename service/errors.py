"""All errors of the service, by meaning. One table in ``service.api.http.problems`` gives each its HTTP status.

ServiceError
├── MalformedBody           the request body does not match its content type
├── InvalidInput            the client's data is wrong; has JSON pointers
│   └── InvalidImage        the bytes are not an image in a supported format
├── TooLarge                the client's data is over a limit
├── UnsupportedMedia        the content type is not supported
│   └── UnsupportedCoding   the content coding, such as br, is not supported
├── NotAcceptable           no available format matches the Accept header
├── Unauthenticated         an API key is required, and the request has no valid one
├── Forbidden               the API key lacks a scope, or the origin is not allowed
├── Misdirected             the Host header is not accepted
├── NotFound                there is no job, checkpoint, model, version or dataset of that name
├── Conflict                the request does not fit the present state
│   ├── InvalidTransition   a job cannot change from its status to the requested one
│   ├── IdempotencyConflict the idempotency key was used with another body
│   ├── PreconditionFailed  the If-Match header does not match
│   ├── StillInUse          a model version or an unfinished job uses it
│   └── NothingToServe      the model has no version yet
├── ComeBackLater           not available for now; says when to retry
│   ├── QueueFull           the queue has no room for another job
│   ├── QuotaExceeded       the API key has used up a quota of today
│   ├── TooManyRequests     the client is over its rate limit
│   ├── TookTooLong         the response did not begin in time
│   └── Unavailable         the database or the checkpoint store does not answer
├── WorkerTimeout           the training process did not answer in time
├── StorageFull             there is no space left for a checkpoint
├── NotInstalled            a package is missing in this installation
├── CorruptCheckpoint       the stored bytes do not match their digest
├── CorruptBackup           the file is not a complete backup
└── Misconfigured           a setting is wrong; raised at the start
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

#: The values that a message contains.
Parameters = Mapping[str, str | int | float]


@dataclass(frozen=True)
class FieldError:
    """One error in the input.

    Attributes:
        pointer: JSON pointer (RFC 6901) into the body, or a name such as ``query/limit``.
        message: What was wrong and what would be right.
        code: Stable, for programs and for translations.
        parameters: The values that the message contains, such as the limit that was exceeded.
    """

    pointer: str
    message: str
    code: str = "invalid"
    parameters: Parameters = field(default_factory=dict)


class ServiceError(Exception):
    """The base of all errors that the service raises on purpose; the message is for the client."""


class InvalidInput(ServiceError):
    """The client's data is wrong.

    Args:
        detail: One sentence.
        errors: Each error, with its JSON pointer.
    """

    def __init__(self, detail: str, *errors: FieldError) -> None:
        super().__init__(detail)
        self.errors = errors

    @classmethod
    def at(cls, pointer: str, message: str, code: str = "invalid", **parameters: str | int) -> "InvalidInput":
        """Return the error with a single field error."""
        return cls(message, FieldError(pointer, message, code, parameters))


class InvalidImage(InvalidInput):
    """The bytes are not an image in a supported format."""


class MalformedBody(ServiceError):
    """The request body does not match its content type, such as JSON that does not parse."""


class TooLarge(ServiceError):
    """The client's data is over a limit; the message names the limit."""


class UnsupportedMedia(ServiceError):
    """The content type is not supported; the message names the supported ones."""


class UnsupportedCoding(UnsupportedMedia):
    """The content coding is not supported; the message names the supported ones."""


class NotAcceptable(ServiceError):
    """No available format matches the Accept header; the message names the available ones."""


class Unauthenticated(ServiceError):
    """An API key is required, and the request has no valid one."""


class Forbidden(ServiceError):
    """The API key lacks a scope, or the origin is not allowed; the message says which."""


class Misdirected(ServiceError):
    """The request's Host header is not accepted (DNS rebinding)."""


class NotFound(ServiceError):
    """There is no resource of that name.

    Args:
        kind: The kind of resource, such as ``job``.
        name: Its name or id.
    """

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(f"There is no {kind} {name!r}.")
        self.kind = kind


@contextmanager
def not_found_at(pointer: str) -> Iterator[None]:
    """Turn a `NotFound` inside into an `InvalidInput` at *pointer*: the request body names what does not exist."""
    try:
        yield
    except NotFound as error:
        raise InvalidInput.at(pointer, str(error)) from error


class Conflict(ServiceError):
    """The request does not fit the present state."""


class InvalidTransition(Conflict):
    """A job cannot change from its status to the requested one."""


class IdempotencyConflict(Conflict):
    """The idempotency key was used before with another body."""


class PreconditionFailed(Conflict):
    """The resource has changed since the client read it: the If-Match header does not match."""


class StillInUse(Conflict):
    """A model version or an unfinished job uses it."""


class NothingToServe(Conflict):
    """The model has no version yet, or not the requested one."""


class ComeBackLater(ServiceError):
    """The request cannot be served for now.

    Args:
        detail: One sentence.
        retry_after_s: When to retry, in seconds.
    """

    def __init__(self, detail: str, *, retry_after_s: int) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


class QueueFull(ComeBackLater):
    """The queue has no room for another job."""


class QuotaExceeded(ComeBackLater):
    """The API key has used up a quota of today."""


class TooManyRequests(ComeBackLater):
    """The client is over its rate limit.

    Args:
        detail: One sentence.
        retry_after_s: When to retry, in seconds.
        headers: The HTTP headers that describe the limit.
    """

    def __init__(self, detail: str, *, retry_after_s: int, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail, retry_after_s=retry_after_s)
        self.headers = headers or {}


class TookTooLong(ComeBackLater):
    """The response did not begin in time."""


class NotInstalled(ServiceError):
    """A package is missing in this installation; the message names it."""


class WorkerTimeout(ServiceError):
    """The training process did not answer in time."""


class StorageFull(ServiceError):
    """There is no space left in the checkpoint store."""


class Unavailable(ComeBackLater):
    """The database or the checkpoint store does not answer."""


class CorruptCheckpoint(ServiceError):
    """The stored bytes do not match their digest."""


class CorruptBackup(ServiceError):
    """The file is not a complete backup of this version."""


class Misconfigured(ServiceError):
    """A setting is wrong; the message says what would be right."""
