"""Ctrl-C ends a wait, not the job."""

import os
import pty
import signal
import subprocess
import sys
import termios
from io import RawIOBase

import pytest

from naivenet_client import Client
from tests.servers import PATIENCE_S, Server

BLOCKING = "from naivenet_client import Client; Client().jobs.get({job_id!r}).wait()"
ASYNC = """
import asyncio
from naivenet_client import AsyncClient

async def main():
    async with AsyncClient() as client:
        await (await client.jobs.get({job_id!r})).wait()

asyncio.run(main())
"""


@pytest.mark.parametrize("program", [BLOCKING, ASYNC])
def test_an_interrupted_wait_leaves_the_job_running(session_server: Server, naive: Client, program: str) -> None:
    """The program ends by the interrupt, and prints how to cancel the job, which continues."""
    job = naive.jobs.create(dataset="tiny", epochs=1000, seed=1)
    command = [sys.executable, "-c", program.format(job_id=job.id)]
    environment = session_server.environment | {"NAIVENET_URL": session_server.base_url}
    master, slave = pty.openpty()
    termios.tcsetwinsize(slave, (24, 80))
    with (
        subprocess.Popen(command, stderr=slave, env=environment) as waiting,
        os.fdopen(master, "rb", buffering=0) as terminal,
    ):
        os.close(slave)
        shown = read_until(terminal, "loss=")
        waiting.send_signal(signal.SIGINT)
        shown += read_until(terminal, "KeyboardInterrupt\r\n")
        waiting.wait(timeout=PATIENCE_S)
    assert f'client.jobs.get("{job.id}").cancel()' in shown
    assert "httpcore" not in shown or program is ASYNC  # asyncio raises its own error, with all frames
    assert not job.refresh().has_ended
    job.cancel()


def read_until(terminal: RawIOBase, wanted: str) -> str:
    """Return what a terminal shows up to *wanted*."""
    shown = ""
    while wanted not in shown:
        shown += (terminal.read(4096) or b"").decode(errors="replace")
    return shown
