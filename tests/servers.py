"""A real service for tests: a process with its own data folder, and a small dataset on which jobs are quick."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Self, TypeVar

import httpx2
import numpy as np

from service.store.database import Database

T = TypeVar("T")

#: How long a test waits for anything, in seconds: much longer than it takes, so that a busy machine fails no test.
PATIENCE_S = 240.0

#: The pause between two questions, in seconds: it grows, since each question takes time from what the test waits for.
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.02, 0.1

TRAINING_IMAGES, TEST_IMAGES = 2_000, 500
TERMINAL = frozenset({"succeeded", "failed", "cancelled"})
Json = dict[str, Any]

#: A job that diverges: the loss of its first step is finite, and the next overflows.
_HUGE = {"units": 32, "activation": "linear", "initializer": {"name": "constant", "value": 1e6}}
_ALIKE = {"units": 10, "activation": "softmax", "initializer": {"name": "constant", "value": 1.0}}
OVERFLOWING = {"network": {"layers": [_HUGE] * 4 + [_ALIKE]}, "optimizer": {"learning_rate": 100}}


def until(ask: Callable[[], T | None], *, what: str, patience_s: float = PATIENCE_S) -> T:
    """Call *ask* until it returns something true, and return that; fail after *patience_s*."""
    deadline, pause_s = time.monotonic() + patience_s, FIRST_PAUSE_S
    while time.monotonic() < deadline:
        if answer := ask():
            return answer
        time.sleep(pause_s)
        pause_s = min(1.5 * pause_s, LONGEST_PAUSE_S)
    raise AssertionError(f"waited {patience_s:g} s for {what}")


def write_tiny(folder: Path, name: str = "tiny") -> Path:
    """Write the first images of MNIST as a dataset, and return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with np.load(str(resources.files("naivenet") / "data" / "mnist.npz"), allow_pickle=False) as mnist:
        sizes = {"x_train": TRAINING_IMAGES, "y_train": TRAINING_IMAGES, "x_test": TEST_IMAGES, "y_test": TEST_IMAGES}
        arrays = {array: mnist[array][:size] for array, size in sizes.items()}
    np.savez_compressed(folder / f"{name}.npz", **arrays)
    return folder


@cache
def empty_database() -> bytes:
    """Return a SQLite file at the newest migration: a copy takes far less time than all migrations."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "naivenet.db"
        with closing(Database(f"sqlite:///{path}")) as database:
            database.migrate()
        return path.read_bytes()


class Server:
    """A service that can be stopped, killed and started again on the same data. A new one has an empty database.

    Args:
        data_dir: Its data folder.
        tiny: A folder of datasets, which are copied into it.
        within: A command that runs it in a container, or in another way.
        settings: Other settings, by their lower-case names.
    """

    def __init__(self, data_dir: Path, *, tiny: Path, within: Sequence[str] = (), **settings: object) -> None:
        self.data_dir, self._within = data_dir, within
        shutil.copytree(tiny, data_dir / "datasets", dirs_exist_ok=True)
        if not (database := data_dir / "naivenet.db").exists():
            database.write_bytes(empty_database())
        self.port = free_port()
        self.base_url = f"http://127.0.0.1:{self.port}"
        defaults = {"data_dir": data_dir, "port": self.port, "log_level": "warning"}
        chosen = {**defaults, "worker_nice": 0, **settings}  # a nice worker would hardly train beside other tests
        self.environment = os.environ | {f"NAIVENET_{name.upper()}": str(value) for name, value in chosen.items()}
        self.log = data_dir / "server.log"

    def start(self) -> Self:
        """Start it, and wait until it is ready."""
        with self.log.open("ab") as log:
            command = [*self._within, sys.executable, "-m", "service", "serve"]
            self.process = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)
        until(self._is_ready, what=f"{self.base_url} to be ready")
        return self

    def stop(self) -> int:
        """Stop it gracefully, and return its exit status."""
        self.process.terminate()
        return self.process.wait(PATIENCE_S)

    def kill(self) -> None:
        """Kill it, as ``kill -9`` does."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(PATIENCE_S)

    def client(self) -> httpx2.Client:
        """Return a client of it."""
        return httpx2.Client(base_url=self.base_url, timeout=PATIENCE_S, verify=False)  # reads no certificates

    def said(self) -> str:
        """Return the text of its log."""
        return self.log.read_text()

    def _is_ready(self) -> bool:
        if self.process.poll() is not None:
            raise AssertionError(f"the server ended with {self.process.returncode}:\n{self.said()}")
        try:
            return httpx2.get(f"{self.base_url}/health/ready", timeout=5, verify=False).status_code == httpx2.codes.OK
        except httpx2.TransportError:
            return False


def start_job(client: httpx2.Client, **fields: object) -> str:
    """Queue a job on the tiny dataset, unless *fields* override it, and return its id."""
    answer = client.post("/v1/jobs", json={"dataset": "tiny", "epochs": 1, "seed": 1, **fields})
    assert answer.status_code == httpx2.codes.ACCEPTED, answer.text
    job_id: str = answer.json()["id"]
    return job_id


def job_where(
    client: httpx2.Client, job_id: str, holds: Callable[[Json], bool], *, patience_s: float = PATIENCE_S
) -> Json:
    """Wait until *holds* is true of the job, and return the job."""

    def current() -> Json | None:
        job: Json = client.get(f"/v1/jobs/{job_id}").json()
        return job if holds(job) else None

    what = f"{job_id} (now {client.get(f'/v1/jobs/{job_id}').text[-600:]})"
    return until(current, what=what, patience_s=patience_s)


def finished(client: httpx2.Client, job_id: str, *, patience_s: float = PATIENCE_S) -> Json:
    """Wait until the job has ended, and return it."""
    return job_where(client, job_id, lambda job: job["status"] in TERMINAL, patience_s=patience_s)


def training(client: httpx2.Client, job_id: str) -> Json:
    """Wait until the job has taken a step, and return it."""
    return job_where(client, job_id, lambda job: job["progress"]["step"] > 0)


def losses(client: httpx2.Client, job_id: str) -> list[float]:
    """Return the job's loss history, which must have neither gap nor overlap."""
    history = client.get(f"/v1/jobs/{job_id}/history").json()
    assert [point["step"] for point in history["data"]] == list(range(1, history["total_points"] + 1))
    return [point["loss"] for point in history["data"]]


def last_weights(client: httpx2.Client, job_id: str) -> bytes:
    """Return the bytes of the job's newest checkpoint."""
    newest = client.get(f"/v1/jobs/{job_id}/checkpoints", params={"limit": 1}).json()["data"][0]
    return client.get(f"/v1/checkpoints/{newest['id']}/weights").content


def free_port() -> int:
    """Return a port on which no process listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
