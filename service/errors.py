"""What can go wrong, by meaning. How each looks in HTTP is one table in ``service.api.http.problems``.

ServiceError
├── MalformedBody           the body is not what its content type says
├── InvalidInput            the caller's data is wrong; says where, by JSON pointer
│   └── InvalidImage        it is no picture that we read
├── TooLarge                the caller's data is over a limit
├── UnsupportedMedia        the content type is none that we read
├── NotAcceptable           the answer has no form that the caller accepts
├── Unauthenticated         a key is asked for, and none was shown that holds
├── Forbidden               it takes another key, or another place to ask from
├── Misdirected             it is meant for a host that is not answered for here
├── NotFound                no job, checkpoint, model, version or dataset of that name
├── Conflict                what was asked does not fit the state that things are in
│   ├── InvalidTransition   a job cannot go from this status to that one
│   ├── IdempotencyConflict the key was used before, with another body
│   ├── PreconditionFailed  an If-Match no longer holds
│   ├── StillInUse          a model version or a live job needs it
│   └── NothingToServe      the model has no version yet
├── ComeBackLater           what is asked for cannot be had for now; says when to ask again
│   ├── QueueFull           no more jobs are taken for now
│   ├── TooManyRequests     this caller has asked as often as it may
│   ├── TookTooLong         the answer did not begin in time
│   └── Unavailable         the database or the checkpoint store does not answer for now
├── WorkerTimeout           the training process did not answer in time
├── StorageFull             there is no space left for a checkpoint
├── NotInstalled            it takes a package that this installation is without
├── CorruptCheckpoint       the stored bytes are not those that were written
├── CorruptBackup           the file is no backup, or not whole
├── Refused                 the service that a command speaks to answered with an error
├── Unreachable             no service answers a command
└── Misconfigured           a setting is wrong; said at start, with what would be right
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

#: What a message has in it beside its words.
Parameters = Mapping[str, str | int | float]


@dataclass(frozen=True)
class FieldError:
    """One thing that is wrong with the input.

    Attributes:
        pointer: JSON pointer (RFC 6901) into the body, or a name such as ``query/limit``.
        message: What was wrong and what would be right.
        code: Stable, for programs, and for those who say it in another language.
        parameters: What the message has in it, such as the limit that was passed.
    """

    pointer: str
    message: str
    code: str = "invalid"
    parameters: Parameters = field(default_factory=dict)

    @classmethod
    def of(cls, pointer: str, error: Mapping[str, Any]) -> "FieldError":
        """What Pydantic says of a place, under its own name for it: ``{type, msg, ctx}``."""
        parameters = {
            name: value for name, value in error.get("ctx", {}).items() if isinstance(value, str | int | float)
        }
        return cls(pointer, error["msg"].removeprefix("Value error, "), error["type"], parameters)


class ServiceError(Exception):
    """The root of all that this service raises on purpose; its text is written for the caller."""


class InvalidInput(ServiceError):
    """The caller's data is wrong.

    Args:
        detail: One sentence.
        errors: Each thing that is wrong, with its place.
    """

    def __init__(self, detail: str, *errors: FieldError) -> None:
        super().__init__(detail)
        self.errors = errors

    @classmethod
    def at(cls, pointer: str, message: str, code: str = "invalid", **parameters: str | int) -> "InvalidInput":
        """One error at one place."""
        return cls(message, FieldError(pointer, message, code, parameters))


class InvalidImage(InvalidInput):
    """The bytes are no picture that we read."""


class MalformedBody(ServiceError):
    """The body is not what its content type says, such as JSON that does not parse."""


class TooLarge(ServiceError):
    """The caller's data is over a limit; the text names the limit."""


class UnsupportedMedia(ServiceError):
    """The content type is none that we read; the text names those that we do."""


class NotAcceptable(ServiceError):
    """The answer has no form that the caller accepts; the text names those that it has."""


class Unauthenticated(ServiceError):
    """A key is asked for, and none was shown that holds."""


class Forbidden(ServiceError):
    """It takes another key, or another place to ask from; the text says which."""


class Misdirected(ServiceError):
    """The request is meant for a host that is not answered for here."""


class NotFound(ServiceError):
    """Nothing has that name.

    Args:
        kind: Such as ``job``.
        name: What was asked for.
    """

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(f"There is no {kind} {name!r}.")
        self.kind = kind


class Conflict(ServiceError):
    """What was asked does not fit the state that things are in."""


class InvalidTransition(Conflict):
    """A job cannot go from the status it has to the one asked for."""


class IdempotencyConflict(Conflict):
    """The idempotency key was used before, with another body."""


class PreconditionFailed(Conflict):
    """It is no longer as the caller last saw it."""


class StillInUse(Conflict):
    """A model version or a live job needs it."""


class NothingToServe(Conflict):
    """The model has no version yet, or not the one asked for."""


class ComeBackLater(ServiceError):
    """What is asked for cannot be had for now.

    Args:
        detail: One sentence.
        retry_after_s: When to come back, in seconds.
    """

    def __init__(self, detail: str, *, retry_after_s: int) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


class QueueFull(ComeBackLater):
    """No more jobs are taken for now."""


class TooManyRequests(ComeBackLater):
    """This caller has asked as often as it may for now.

    Args:
        detail: One sentence.
        retry_after_s: When to come back, in seconds.
        headers: What tells of the limit, in HTTP.
    """

    def __init__(self, detail: str, *, retry_after_s: int, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail, retry_after_s=retry_after_s)
        self.headers = headers or {}


class TookTooLong(ComeBackLater):
    """The answer did not begin in time."""


class NotInstalled(ServiceError):
    """It takes a package that this installation is without; the text names it."""


class WorkerTimeout(ServiceError):
    """The training process did not answer in time."""


class StorageFull(ServiceError):
    """There is no space left where checkpoints lie."""


class Unavailable(ComeBackLater):
    """The database or the checkpoint store does not answer for now."""


class CorruptCheckpoint(ServiceError):
    """The stored bytes are not those that were written."""


class CorruptBackup(ServiceError):
    """The file is no backup, or not whole, or of another version."""


class Misconfigured(ServiceError):
    """A setting is wrong; the text says what would be right."""


class Refused(ServiceError):
    """The service said no.

    Args:
        detail: Why, in its words.
        status: The HTTP status.
        code: The problem's stable code; empty where the answer was no problem of ours.
    """

    def __init__(self, detail: str, *, status: int, code: str) -> None:
        super().__init__(detail)
        self.status, self.code = status, code


class Unreachable(ServiceError):
    """No service answers at the address."""
