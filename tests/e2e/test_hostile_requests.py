"""Hostile request bodies for every prediction route: refused, at little memory, while other requests are answered."""

import os
import threading
from pathlib import Path

import httpx2
import numpy as np
import pytest

from tests.conftest import StartServer
from tests.hostile_bodies import MEGABYTE, PREDICT, TFS, hostile_bodies, saved
from tests.servers import Server
from tests.versions import add_version

MOST_GROWTH = 120 * MEGABYTE

#: CPU seconds that the service may spend between another request and its response. On a quiet machine such a request
#: waits at most 50 ms; CPU time, unlike the clock, hardly depends on what else the machine does.
MOST_CPU_S = 0.2

#: Statuses that the name does not show. Decoding WebP takes four times the memory a pixel of the other formats.
EXCEPTIONS = {"a PNG bomb within the limits": 200, "a WEBP of 16 million pixels": 413, "1,024 rows": 200}
EXCEPTIONS |= {"npy of another shape": 422, "base64 of 15 MB": 422, "bytes for no input": 400}


def expected_status(name: str) -> int:
    """Return the status of the response: 413, unless the body is harmless or wrong in another way."""
    harmless = name.endswith(("of one pixel", "that is animated", "of 16 million pixels"))
    return EXCEPTIONS.get(name, 200 if harmless else 413)


class Probe(threading.Thread):
    """Sends small requests all the time, and records the CPU time that the service spends until each response.

    Attributes:
        cpu_s: CPU seconds of each request.
        over: Set to stop it.
    """

    def __init__(self, server: Server) -> None:
        super().__init__(daemon=True)
        self._server, self.over, self.cpu_s = server, threading.Event(), [0.0]

    def run(self) -> None:
        """Send requests until *over* is set."""
        with self._server.client() as client:
            while not self.over.wait(0.002):
                began = cpu_seconds(self._server)
                assert client.get("/v2/health/live").status_code == 200
                self.cpu_s.append(cpu_seconds(self._server) - began)


def cpu_seconds(server: Server) -> float:
    """CPU time of the API's process so far, all threads together."""
    fields = Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()
    user, system = fields[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def memory_bytes(server: Server, field: str) -> int:
    """Memory of the API's process: ``VmRSS`` is what it has now, ``VmHWM`` the most that it ever had."""
    lines = Path(f"/proc/{server.process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{field}:")) * 1024


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads memory and CPU time from /proc")
def test_hostile_bodies_cost_little(start_server: StartServer) -> None:
    """Each body gets its status, the process grows by less than 120 MB, and other requests are answered meanwhile."""
    server = start_server(trainer=False)
    with server.client() as client:
        add_version(client, 3)
        client.post(TFS, json={"instances": [[0.5] * 784] * 1024})
        assert client.post(PREDICT, content=saved("PNG")).status_code == 200  # the first picture loads OpenCV
        before, bodies = memory_bytes(server, "VmRSS"), hostile_bodies()
        probe = Probe(server)
        probe.start()
        for name, (path, headers, body) in bodies.items():
            check_response(client, name, path, headers, body)
        probe.over.set()
        probe.join()
        assert client.post(PREDICT, json={"pixels": [0] * 784}).status_code == 200
    assert memory_bytes(server, "VmHWM") - before < MOST_GROWTH
    assert np.percentile(probe.cpu_s, 99) < MOST_CPU_S, sorted(probe.cpu_s)[-5:]


def check_response(client: httpx2.Client, name: str, path: str, headers: dict[str, str], body: bytes) -> None:
    """Send a body, and check status and format of the response; a 413 may also close the connection early."""
    try:
        answer = client.post(path, headers=headers, content=body)
    except httpx2.TransportError:
        assert expected_status(name) == 413, name
        return
    assert answer.status_code == expected_status(name), (name, answer.text)
    if answer.is_error:
        assert ("error" in answer.json()) is (path != PREDICT), (name, answer.text)
