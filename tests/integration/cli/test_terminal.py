"""``naivenet`` on a terminal of its own: the live display, and Ctrl-C."""

import os
import pty
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2

from tests.servers import Server, start_job, training

COLUMNS = 80


@contextmanager
def terminal(server: Server, *arguments: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Run ``naivenet`` on a terminal of 80 columns; give the process and the terminal's other end."""
    master, slave = pty.openpty()
    environment = os.environ | {"NAIVENET_URL": server.base_url, "TERM": "xterm", "COLUMNS": str(COLUMNS)}
    command = [sys.executable, "-m", "service", *arguments]
    process = subprocess.Popen(
        command, env=environment, stdin=slave, stdout=slave, stderr=slave, start_new_session=True
    )
    os.close(slave)
    try:
        yield process, master
    finally:
        os.close(master)
        process.kill()
        process.wait()


def read_until(master: int, wanted: bytes) -> bytes:
    """Return what the terminal shows until *wanted* appears in it, or the process has ended."""
    shown = b""
    try:
        while wanted not in shown and (piece := os.read(master, 4096)):
            shown += piece
    except OSError:  # on Linux: the other end is closed
        pass
    return shown


def test_ctrl_c_leaves_the_job_running(session_server: Server, client: httpx2.Client) -> None:
    """A watched job shows a bar with its loss; Ctrl-C ends the display, and says how to cancel the job."""
    job_id = start_job(client, epochs=1000)
    training(client, job_id)
    with terminal(session_server, "jobs", "watch", job_id) as (process, master):
        shown = read_until(master, b"loss ")
        process.send_signal(signal.SIGINT)
        after = read_until(master, b"\0")
        assert process.wait(30) == 130
    assert b"loss " in shown
    assert f"To cancel it: naivenet jobs cancel {job_id}".encode() in after.replace(b"\r\n", b"")
    assert client.get(f"/v1/jobs/{job_id}").json()["status"] == "running"
    client.post(f"/v1/jobs/{job_id}/cancel")


def test_a_job_is_watched_to_its_end(session_server: Server, client: httpx2.Client) -> None:
    """Each epoch leaves a line, and the last line is the status."""
    job_id = start_job(client, epochs=2)
    with terminal(session_server, "jobs", "watch", job_id) as (process, master):
        shown = read_until(master, b"\0").decode()
        assert process.wait(30) == 0
    assert "epoch 1  train loss " in shown
    assert "epoch 2  train loss " in shown
    assert shown.rstrip().endswith("succeeded")
