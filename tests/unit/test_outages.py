"""An outage is logged once when it begins and once when it ends."""

import logging

import pytest

from service.operations.outages import OutageLog


def test_an_outage_is_two_lines(caplog: pytest.LogCaptureFixture) -> None:
    """However many calls fail, there is one line; the first answer adds another; a flapping part stays quiet."""
    log = OutageLog("database", logging.ERROR)
    log.answered()
    for _ in range(2):
        for _ in range(100):
            log.failed(OSError("The database does not answer."))
        log.answered()
        log.answered()
    assert [record.getMessage().split(" after")[0] for record in caplog.records if record.levelno == logging.ERROR] == [
        "The database does not answer. This is logged once, until it answers again.",
        "The database answers again,",
    ]
