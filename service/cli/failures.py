"""What the command line says when a command fails, and with which exit code it ends."""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from service.errors import ServiceError

if TYPE_CHECKING:
    from naivenet_client import NaivenetClientError
    from naivenet_client import ServiceError as Refused

#: The exit codes by the class of the error. The errors of the service and of the client have the same names.
EXIT_CODES: Mapping[str, int] = {
    "InvalidInput": 2,
    "MalformedBody": 2,
    "TooLarge": 2,
    "NotFound": 3,
    "Unauthorized": 4,
    "Forbidden": 4,
    "Conflict": 5,
    "PreconditionFailed": 5,
    "RateLimited": 6,
    "Unavailable": 6,
    "Timeout": 6,
    "Unreachable": 7,
}

#: All other errors, and a watched job that failed; a command that was interrupted by Ctrl-C.
FAILED, INTERRUPTED = 1, 130


class CommandFailed(ServiceError):
    """A command did not get from the service what it asked for.

    Args:
        message: What was wrong, where, and what to do.
        code: The exit code.
    """

    def __init__(self, message: str, *, code: int) -> None:
        super().__init__(message)
        self.code = code


def exit_code(error: Exception) -> int:
    """Return the exit code of a command that ends with *error*."""
    if isinstance(error, CommandFailed):
        return error.code
    return next((EXIT_CODES[kind.__name__] for kind in type(error).__mro__ if kind.__name__ in EXIT_CODES), FAILED)


def as_failure(error: "NaivenetClientError", *, at: str = "") -> CommandFailed:
    """Return an error of the client as a message with its exit code.

    Args:
        error: The error.
        at: What it is about, such as the name of a file.
    """
    text = _message(error)
    return CommandFailed(f"{at}: {text}" if at else text, code=exit_code(error))


def _message(error: "NaivenetClientError") -> str:
    """Return an error as one line, and a further one for each wrong field."""
    import naivenet_client  # noqa: PLC0415  # imported already: it raised the error

    if not isinstance(error, naivenet_client.ServiceError):
        return str(error)
    when = "" if error.retry_after is None else f" Retry in {math.ceil(error.retry_after)} s."
    log = f" The service logged it as {error.request_id}." if error.status == 500 and error.request_id else ""  # noqa: PLR2004  # Internal Server Error
    fields = _fields(error)
    head = "These fields are wrong:" if error.detail == "; ".join(fields) else error.detail
    return "\n  ".join([head + when + log, *fields])


def _fields(error: "Refused") -> list[str]:
    """Return a line for each wrong field, unless the error's sentence is about its only one."""
    if len(error.errors) == 1 and error.errors[0].message in error.detail:
        return []
    return [f"{each.pointer or '/'}: {each.message}" for each in error.errors]
