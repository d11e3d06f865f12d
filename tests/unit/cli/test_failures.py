"""Errors as messages and exit codes."""

import pytest

from naivenet_client import Timeout, UnexpectedResponse, Unreachable
from naivenet_client.errors import error_of
from service import errors
from service.cli.failures import as_failure, exit_code


@pytest.mark.parametrize(
    ("status", "code"),
    [(400, 2), (401, 4), (403, 4), (404, 3), (409, 5), (412, 5), (413, 2), (422, 2), (429, 6), (503, 6), (500, 1)],
)
def test_each_refusal_has_its_exit_code(status: int, code: int) -> None:
    """The exit code depends on the kind of the error."""
    assert as_failure(error_of(status, b"{}", {})).code == code


def test_other_errors_have_their_exit_codes() -> None:
    """An error without a row of its own ends with 1; the service's own errors use the same table."""
    assert exit_code(Unreachable("no")) == 7
    assert exit_code(Timeout("late")) == 6
    assert exit_code(UnexpectedResponse("odd")) == 1
    assert exit_code(errors.InvalidImage("no image")) == 2
    assert exit_code(errors.InvalidTransition("no")) == 5
    assert exit_code(errors.Misconfigured("no port")) == 1


def test_each_wrong_field_has_its_line() -> None:
    """The pointers stand below the sentence, or in place of one that only lists them."""
    fields = b'[{"pointer": "/epochs", "message": "too small"}, {"message": "odd"}]'
    body = b'{"detail": "Two fields are wrong.", "errors": ' + fields + b"}"
    assert str(as_failure(error_of(422, body, {}))) == "Two fields are wrong.\n  /epochs: too small\n  /: odd"
    listed = b'{"detail": "/epochs: too small; /: odd", "errors": ' + fields + b"}"
    assert str(as_failure(error_of(422, listed, {}))) == "These fields are wrong:\n  /epochs: too small\n  /: odd"
    one = b'{"detail": "/a: odd", "errors": [{"pointer": "/a", "message": "odd"}]}'
    assert str(as_failure(error_of(422, one, {}))) == "/a: odd"


def test_a_rate_limit_says_when_to_retry() -> None:
    """The message has the seconds of Retry-After, rounded up."""
    assert (
        str(as_failure(error_of(429, b'{"detail": "Too many."}', {"retry-after": "61"}))) == "Too many. Retry in 61 s."
    )


def test_an_internal_error_has_its_request_id() -> None:
    """The message has the id under which the service logged the request."""
    failure = as_failure(error_of(500, b'{"detail": "Broken."}', {"x-request-id": "req_1"}))
    assert str(failure) == "Broken. The service logged it as req_1."


def test_a_message_names_its_file() -> None:
    """An error about a file begins with its path."""
    assert str(as_failure(Unreachable("no"), at="seven.png")) == "seven.png: no"
