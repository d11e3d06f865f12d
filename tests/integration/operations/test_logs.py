"""Logs: one format for all lines, and ids that connect a request with the worker that it started."""

import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.conftest import StartServer
from tests.servers import Json, Server, finished, start_job, until

WRITE = """
import logging, sys
from service.operations import logs
logs.set_up("info", sys.argv[1], context=lambda: {"request_id": "r1", "attempt": None})
logging.getLogger("here").info("%s happened", "it", extra={"job_id": "job_1"})
logging.getLogger("here").debug("not logged")
try:
    raise ValueError("\\udcff is no text")
except ValueError:
    logging.getLogger("here").exception("it broke")
"""


def written(form: str) -> list[str]:
    """Return the lines of a process whose standard error is not a terminal."""
    run = subprocess.run([sys.executable, "-c", WRITE, form], capture_output=True, text=True, check=True)
    return run.stderr.splitlines()


def lines_of(text: str) -> list[Json]:
    """Parse lines of JSON."""
    return [json.loads(line) for line in text.splitlines()]


def test_away_from_a_terminal_lines_are_json() -> None:
    """Each line is an object with time, level, logger, ids and, after an exception, the traceback."""
    first, second = (json.loads(line) for line in written("auto"))
    assert first.pop("time").endswith("Z")
    ids = {"job_id": "job_1", "request_id": "r1"}
    assert first == {"event": "it happened", "level": "info", "logger": "here", **ids}
    assert second["event"] == "it broke"
    assert second["exception"].endswith("ValueError: \\udcff is no text")


def test_text_lines_are_readable() -> None:
    """A line begins with time and level, and has the ids; without a terminal it has no colours."""
    first = written("text")[0]
    assert "[info     ] it happened" in first
    assert "job_id=job_1" in first
    assert "\x1b[" not in first


def test_a_terminal_gets_colours() -> None:
    """With `auto`, a terminal as standard error gets coloured text."""
    master, slave = pty.openpty()
    subprocess.run([sys.executable, "-c", WRITE, "auto"], stderr=slave, check=True)
    os.close(slave)
    with os.fdopen(master, "rb") as screen:
        assert "\x1b[" in screen.read1().decode()


@pytest.fixture(scope="module")
def logging_server(tmp_path_factory: pytest.TempPathFactory, tiny: Path) -> Iterator[Server]:
    """A service that logs each request as a line of JSON."""
    settings = {"log_level": "info", "log_format": "json", "access_log": "info"}
    server = Server(tmp_path_factory.mktemp("logging"), tiny=tiny, **settings).start()
    yield server
    server.stop()


def test_a_request_id_leads_to_the_worker(logging_server: Server) -> None:
    """The lines of API, trainer and worker about a job have the id of the request that queued it."""
    with logging_server.client() as client:
        client.headers["X-Request-ID"] = "class-of-spring"
        job_id = start_job(client)
        del client.headers["X-Request-ID"]
        finished(client, job_id)
    expected = {
        "service.api.queued",
        "service.training.trainer.trainer",
        "service.training.worker.process",
        "naivenet.access",
    }
    by_request = until(
        lambda: lines_with(logging_server, "request_id", "class-of-spring", loggers=expected), what="lines"
    )
    by_job = until(lambda: lines_with(logging_server, "job_id", job_id, loggers=expected), what="lines")
    assert by_request[0]["logger"] == "service.api.queued"
    assert {line["logger"] for line in by_request} == expected == {line["logger"] for line in by_job}
    assert "uvicorn.error" in {line["logger"] for line in lines_of(logging_server.said())}


def lines_with(server: Server, field: str, value: str, *, loggers: set[str]) -> list[Json]:
    """Return the lines with this value in *field*, or no line while one of the loggers has none."""
    complete = server.said().rpartition("\n")[0]  # the last line may not be written yet
    lines = [line for line in lines_of(complete) if line.get(field) == value]
    return lines if {line["logger"] for line in lines} >= loggers else []


def test_each_request_is_one_line(logging_server: Server) -> None:
    """The line has method, path, route, status, milliseconds and id, even for a path that is not text."""
    with logging_server.client() as client:
        client.get("/v1/jobs/job_nope", headers={"X-Request-ID": "r-1"})
        client.get("/%ff%0a%22", headers={"X-Request-ID": "r-2"})
    (first,), (second,) = (
        until(lambda number=number: lines_with(logging_server, "request_id", number, loggers=set()), what="a line")
        for number in ("r-1", "r-2")
    )
    assert first.pop("ms") > 0
    assert first.pop("time")
    seen = {"method": "GET", "path": "/v1/jobs/job_nope", "route": "/v1/jobs/{job_id}", "status": 404}
    ids = {"request_id": "r-1", "job_id": "job_nope"}
    assert first == {"event": "request", "level": "info", "logger": "naivenet.access", **seen, **ids}
    assert (second["route"], second["status"]) == ("none", 404)


@pytest.mark.parametrize("access_log", ["off", "debug"])
def test_requests_are_not_logged_by_default(start_server: StartServer, access_log: str) -> None:
    """With the access log off, or at a lower level than the log, no request is logged."""
    server = start_server(log_level="info", log_format="json", access_log=access_log, trainer=False)
    assert httpx2.get(f"{server.base_url}/health/live").status_code == httpx2.codes.OK
    server.stop()
    assert "naivenet.access" not in {line["logger"] for line in lines_of(server.said())}


def test_a_line_break_in_a_message_is_escaped(tmp_path: Path) -> None:
    """A line break that a client sends is escaped, so that no client can add a line to the log."""
    write = "import logging; from service.operations import logs; logs.set_up('info', 'json'); logging.info('a\\nb')"
    run = subprocess.run([sys.executable, "-c", write], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert [json.loads(line)["event"] for line in run.stderr.splitlines()] == ["a\nb"]
