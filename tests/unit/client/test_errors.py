"""Responses become errors that say what was wrong, whatever server they came from."""

import pickle
from datetime import UTC, datetime

import pytest

import naivenet_client
from naivenet_client import InvalidInput, NaivenetClientError, RateLimited, ServiceError, Timeout, Unavailable
from naivenet_client.errors import error_of, retry_after

PROBLEM = b"""{"type": "about:blank", "title": "Unprocessable", "status": 422, "code": "invalid_input",
"detail": "The request body is not valid.", "new_field": [],
"errors": [{"pointer": "/epochs", "message": "Too small", "code": "ge"}]}"""


def test_an_error_carries_what_the_service_said() -> None:
    """Status, code, pointers and request id are attributes, and part of the text."""
    error = error_of(422, PROBLEM, {"x-request-id": "abc"})
    assert isinstance(error, InvalidInput)
    assert (error.status, error.code, error.request_id) == (422, "invalid_input", "abc")
    assert [(each.pointer, each.message) for each in error.errors] == [("/epochs", "Too small")]
    assert str(error) == "The request body is not valid. [422, invalid_input, abc]\n  /epochs: Too small"


@pytest.mark.parametrize("body", [b"", b"<html><h1>502 Bad Gateway</h1></html>", b"\xff\xfe", b"[]", b'{"detail": 3}'])
def test_a_proxy_s_page_is_an_error_of_its_status(body: bytes) -> None:
    """A body that is no problem document still gives the right class."""
    error = error_of(502, body, {}, url="http://a.example")
    assert isinstance(error, Unavailable)
    assert str(error) == "A proxy or another server answered at http://a.example, with the status 502. [502]"


def test_a_redirect_names_its_target() -> None:
    """The page on which a proxy wants people to log in is part of the error."""
    assert "a redirect to https://sso.example/login" in str(
        error_of(302, b"", {"location": "https://sso.example/login"})
    )


def test_an_unknown_status_is_a_service_error() -> None:
    """A status without a class of its own gives the base class."""
    assert type(error_of(418, b"", {})) is ServiceError


@pytest.mark.parametrize("error", [error_of(422, PROBLEM, {"x-request-id": "abc"}), Timeout("late")])
def test_errors_can_be_pickled(error: Exception) -> None:
    """An error survives the way through a process pool."""
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301  # our own
    assert (type(copy), str(copy)) == (type(error), str(error))


def test_retry_after_is_read() -> None:
    """Retry-After is a number of seconds or an HTTP date; anything else is ignored."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert retry_after("7") == 7
    assert retry_after("Thu, 01 Jan 2026 00:00:30 GMT", now=now) == 30
    assert retry_after("Thu, 01 Jan 2025 00:00:30 GMT", now=now) == 0
    assert [retry_after(text) for text in (None, "", "soon", "-1", "1.5", "\u0663")] == [None] * 6
    limited = error_of(429, b"", {"retry-after": "3"})
    assert isinstance(limited, RateLimited)
    assert limited.retry_after == 3


def test_the_tree_is_complete() -> None:
    """Every error of the package has the one base, and stands in the drawing of the tree."""
    kinds = [each for each in vars(naivenet_client.errors).values() if isinstance(each, type)]
    errors = [each for each in kinds if issubclass(each, Exception)]
    assert all(issubclass(each, NaivenetClientError) for each in errors)
    assert [each.__name__ for each in errors if each.__name__ not in (naivenet_client.errors.__doc__ or "")] == []
    assert {each.__name__ for each in errors} <= set(naivenet_client.__all__)
    assert issubclass(Timeout, TimeoutError)
