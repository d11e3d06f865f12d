"""Calls that wait for a database that is unavailable for a while."""

import logging

import pytest
import stamina

from service.errors import Unavailable
from service.store.retry import retry_while_unavailable


class Flaky:
    """A call that is unavailable *times* times."""

    def __init__(self, times: int) -> None:
        self.times, self.calls = times, 0

    @retry_while_unavailable
    def call(self, secret: str) -> str:
        """Raise, or answer."""
        self.calls += 1
        if self.calls <= self.times:
            raise Unavailable("The database does not answer.", retry_after_s=1)
        return secret


def test_a_call_is_repeated_until_the_database_answers(caplog: pytest.LogCaptureFixture) -> None:
    """One line is logged for all its retries, without the call's arguments."""
    flaky = Flaky(2)
    with stamina.set_testing(testing=True, attempts=5), caplog.at_level(logging.WARNING):
        assert flaky.call("s3cret") == "s3cret"
    assert flaky.calls == 3
    assert [record.message for record in caplog.records] == ["The database does not answer. Retrying for up to 60 s."]


def test_other_errors_are_raised_at_once() -> None:
    """Only a database that is unavailable is waited for."""
    calls: list[int] = []

    @retry_while_unavailable
    def broken() -> None:
        calls.append(1)
        raise LookupError

    with pytest.raises(LookupError):
        broken()
    assert calls == [1]
