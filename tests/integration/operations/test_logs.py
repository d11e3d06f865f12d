"""Logs: one form for all lines, and ids by which to follow a request into the worker that it started."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.conftest import StartServer
from tests.servers import Json, finished, start_job

WRITE = """
import logging, sys
from service.operations import logs
logs.set_up("info", sys.argv[1], context=lambda: {"request_id": "r1", "attempt": None})
logging.getLogger("here").info("%s happened", "it", extra={"job_id": "job_1"})
logging.getLogger("here").debug("not told")
try:
    raise ValueError("\\udcff is no text")
except ValueError:
    logging.getLogger("here").exception("it broke")
"""


def written(form: str) -> list[str]:
    """The lines that a process logs, whose standard error is no terminal."""
    run = subprocess.run([sys.executable, "-c", WRITE, form], capture_output=True, text=True, check=True)
    return run.stderr.splitlines()


def lines_of(text: str) -> list[Json]:
    """Lines of JSON."""
    return [json.loads(line) for line in text.splitlines()]


def test_away_from_a_terminal_lines_are_json() -> None:
    """One object a line, with its time, level, logger, ids and, of an exception, the whole traceback."""
    told, broken = (json.loads(line) for line in written("auto"))
    assert told.pop("time").endswith("Z")
    ids = {"job_id": "job_1", "request_id": "r1"}
    assert told == {"event": "it happened", "level": "info", "logger": "here", **ids}
    assert broken["event"] == "it broke"
    assert broken["exception"].endswith("ValueError: \\udcff is no text")


def test_text_is_for_people() -> None:
    """It begins with the time and the level, and says the ids; with no colours where nobody could see them."""
    first = written("text")[0]
    assert "[info     ] it happened" in first
    assert "job_id=job_1" in first
    assert "\x1b[" not in first


def test_a_terminal_is_written_to_in_colour() -> None:
    """`auto` looks whether standard error is one."""
    master, slave = pty.openpty()
    subprocess.run([sys.executable, "-c", WRITE, "auto"], stderr=slave, check=True)
    os.close(slave)
    with os.fdopen(master, "rb") as screen:
        assert "\x1b[" in screen.read1().decode()


def test_a_request_is_followed_into_its_worker(start_server: StartServer) -> None:
    """Each line of API, trainer, worker and uvicorn is JSON; the id of the job's request goes with its worker."""
    server = start_server(log_level="info", log_format="json", access_log="info")
    with server.client() as client:
        client.headers["X-Request-ID"] = "class-of-spring"
        job_id = start_job(client)
        del client.headers["X-Request-ID"]
        finished(client, job_id)
    server.stop()
    lines = lines_of(server.said())
    mine = [line["logger"] for line in lines if line.get("request_id") == "class-of-spring"]
    assert mine[:2] == ["service.api.routes.jobs", "naivenet.access"]
    assert mine[2] == "service.training.trainer.trainer"
    assert set(mine[2:]) == {"service.training.trainer.trainer", "service.training.worker.process"}
    about = {line["logger"] for line in lines if line.get("job_id") == job_id}
    assert about >= {
        "service.api.routes.jobs",
        "service.training.trainer.trainer",
        "service.training.worker.process",
        "naivenet.access",
    }
    assert "uvicorn.error" in {line["logger"] for line in lines}


def test_each_request_is_one_line(start_server: StartServer) -> None:
    """With method, path, route, status, milliseconds and id; whatever the client sends as its path."""
    server = start_server(log_level="info", log_format="json", access_log="info", trainer=False)
    with server.client() as client:
        client.get("/v1/jobs/job_nope", headers={"X-Request-ID": "r-1"})
        client.get("/%ff%0a%22", headers={"X-Request-ID": "r-2"})
    server.stop()
    first, second = [line for line in lines_of(server.said()) if line.get("request_id") in {"r-1", "r-2"}]
    assert first.pop("ms") > 0
    assert first.pop("time")
    seen = {"method": "GET", "path": "/v1/jobs/job_nope", "route": "/v1/jobs/{job_id}", "status": 404}
    ids = {"request_id": "r-1", "job_id": "job_nope"}
    assert first == {"event": "request", "level": "info", "logger": "naivenet.access", **seen, **ids}
    assert (second["route"], second["status"]) == ("none", 404)


@pytest.mark.parametrize("access_log", ["off", "debug"])
def test_requests_are_not_told_unless_asked_for(start_server: StartServer, access_log: str) -> None:
    """At the default level the log has what matters."""
    server = start_server(log_level="info", log_format="json", access_log=access_log, trainer=False)
    assert httpx.get(f"{server.base_url}/health/live").status_code == httpx.codes.OK
    server.stop()
    assert "naivenet.access" not in {line["logger"] for line in lines_of(server.said())}


def test_a_line_is_a_line(tmp_path: Path) -> None:
    """A line break that a client sends is written out: nobody can write a line of his own into the log."""
    write = "import logging; from service.operations import logs; logs.set_up('info', 'json'); logging.info('a\\nb')"
    run = subprocess.run([sys.executable, "-c", write], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert [json.loads(line)["event"] for line in run.stderr.splitlines()] == ["a\nb"]
