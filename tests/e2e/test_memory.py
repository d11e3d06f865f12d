"""The API's memory stays small beside large downloads, a large upload and long histories, all at once."""

import contextlib
import io
import socket
import threading
from array import array
from collections.abc import Iterator
from pathlib import Path

import httpx2
import numpy as np
import pytest

import naivenet
from service.composition import compose
from service.domain.history import LossChunk
from service.settings import Settings
from service.store.jobs.history import loss_rows
from tests.conftest import StartServer
from tests.servers import PATIENCE_S, Json, Server, start_job

MEGABYTE = 1_000_000
MOST_BYTES = 500 * MEGABYTE

#: 80 MB and 214 MB of weights, and a million steps.
LARGE, LARGER, STEPS = (4096, 3900, 200), (4096, 4096, 4096, 3800), 1_000_000
READERS, DOWNLOADS = 6, 24


def weights(units: tuple[int, ...]) -> bytes:
    """A safetensors file of zeros."""
    layers = [{"units": each, "activation": "relu"} for each in units] + [{"units": 10, "activation": "softmax"}]
    network = naivenet.Network.from_dict({"layers": layers})
    return naivenet.to_safetensors(network.with_weights([np.zeros(s, np.float32) for s in network.shapes(784)]))


def write_history(server: Server, job_id: str) -> None:
    """Write a million losses of a job into the database, in rows of a thousand."""
    losses = array("f", np.linspace(2, 1, 1_000, dtype=np.float32))
    chunks = [LossChunk(first_step=1 + at, epoch=1, losses=losses) for at in range(0, STEPS, 1_000)]
    services = compose(Settings(data_dir=server.data_dir))
    with contextlib.closing(services), services.database.write() as session:
        session.add_all(loss_rows(job_id, chunks))


@contextlib.contextmanager
def unread_download(server: Server, checkpoint: str) -> Iterator[None]:
    """Request weights, and read nothing but the start of the response."""
    with socket.create_connection(("127.0.0.1", server.port), PATIENCE_S) as connection:
        path = f"/v1/checkpoints/{checkpoint}/weights"
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        assert connection.recv(15) == b"HTTP/1.1 200 OK"
        yield


def whole_history(server: Server, job_id: str, accept: str, counts: list[int]) -> None:
    """Read a whole history in one format, and add the number of its points to *counts*."""
    path = f"/v1/jobs/{job_id}/history"
    with server.client() as client:
        if accept != "application/json":
            counts.append(len(client.get(path, headers={"Accept": accept}).text.splitlines()) - (accept == "text/csv"))
            return
        points, answer = 0, {"has_more": True, "next_after": 0}
        while answer["has_more"]:
            answer = client.get(path, params={"after": answer["next_after"]}).json()
            assert len(answer["data"]) <= 50_000
            points += len(answer["data"])
        counts.append(points)


def peak_bytes(server: Server) -> int:
    """The most memory that the API's process ever had."""
    lines = Path(f"/proc/{server.process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) * 1024


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads memory from /proc")
def test_large_requests_at_once_take_little_memory(start_server: StartServer) -> None:
    """24 unread downloads of 80 MB, an upload of 214 MB and six histories of a million steps stay below 500 MB."""
    server = start_server(trainer=False)
    large, larger, counts = weights(LARGE), weights(LARGER), list[int]()
    with server.client() as client, contextlib.ExitStack() as stack:
        job_id = start_job(client)
        write_history(server, job_id)
        checkpoint = upload(client, large)
        for _ in range(DOWNLOADS):
            stack.enter_context(unread_download(server, checkpoint["id"]))
        formats = ["application/json", "text/csv", "application/x-ndjson"] * (READERS // 3)
        readers = [threading.Thread(target=whole_history, args=(server, job_id, form, counts)) for form in formats]
        for reader in readers:
            reader.start()
        uploaded = upload(client, larger)
        for reader in readers:
            reader.join()
        assert counts == [STEPS] * READERS
        assert (uploaded["bytes"], checkpoint["bytes"]) == (len(larger), len(large))
        assert client.get(f"/v1/checkpoints/{uploaded['id']}/weights").content == larger
    assert peak_bytes(server) < MOST_BYTES, peak_bytes(server)


def upload(client: httpx2.Client, data: bytes) -> Json:
    """Upload weights, and return the checkpoint."""
    answer = client.post("/v1/checkpoints", files={"weights": io.BytesIO(data)})
    assert answer.status_code == httpx2.codes.CREATED, answer.text
    return answer.json()  # type: ignore[no-any-return]  # JSON
