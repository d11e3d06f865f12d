"""Readers of server-sent events from npm and PyPI, which reconnect by themselves, follow a job to its end and stop."""

import shutil
from pathlib import Path

import pytest

from tests.generators.conftest import HERE, Run
from tests.servers import Server, start_job


@pytest.mark.parametrize(
    "reader", ["node read_events.mjs", "python read_events.py"], ids=["eventsource", "aiohttp-sse-client"]
)
def test_a_reader_stops_after_the_last_event(reader: str, run: Run, folder: Path, session_server: Server) -> None:
    """It gets every event of a job that trains once; its reconnect after the last one is answered by a 204."""
    with session_server.client() as client:
        job_id = start_job(client, epochs=5)
        shutil.copy(HERE / "programs" / reader.split()[1], folder)
        counted = run(*reader.split(), f"{session_server.base_url}/v1/jobs/{job_id}/events")
        events = client.get(f"/v1/jobs/{job_id}/events", params={"limit": 1000}).json()
    assert events["status"] == "succeeded"
    assert int(counted) == len(events["data"])
