"""A real Ray cluster on this machine, whose nodes tests start, stop and kill, and its processes."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from tests.cluster.host import HEAD, OBJECT_STORE_BYTES
from tests.cluster.links import Link
from tests.servers import free_port, until

#: A variable in the environment of a node's processes: its cluster and its name.
MARK = "TEST_RAY_NODE"

#: How often the start of a node is tried: on a busy machine Ray gives up after 30 s.
STARTS = 3

#: After this time without the head, nodes and drivers end (Ray's default: 60), in seconds.
HEAD_TIMEOUT_S = 5

#: What Ray needs in the environment of nodes and drivers, so that they notice a lost head or node soon.
RAY_ENVIRONMENT = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_gcs_rpc_server_reconnect_timeout_s": str(HEAD_TIMEOUT_S),
    "RAY_health_check_initial_delay_ms": "1000",
    "RAY_health_check_period_ms": "500",
    "RAY_health_check_timeout_ms": "2000",
    "RAY_health_check_failure_threshold": "4",
}


class RayCluster:
    """A head that runs no jobs, and nodes that tests add."""

    def __init__(self) -> None:
        self.port = free_port()
        self.address = f"{own_address()}:{self.port}"
        self._far: dict[str, subprocess.Popen[bytes]] = {}
        self._folder = Path(tempfile.mkdtemp(prefix="ray-"))
        with (self._folder / "log").open("wb") as log:
            self._host = subprocess.Popen(
                [sys.executable, "-m", "tests.cluster.host", str(self.port), self._folder],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=os.environ | RAY_ENVIRONMENT,
            )

    def start_head(self) -> Self:
        """Start the head, and wait until nodes can join it."""
        self.start_node(HEAD, 0)
        return self

    def start_node(self, name: str, cpus: float, environment: Mapping[str, str] | None = None) -> None:
        """Start a node and wait until it is a part of the cluster.

        Args:
            name: A name for `kill_node` and the others.
            cpus: The logical cores that it claims.
            environment: Where variables of naivenet are those of its processes.
        """
        ours = {key: value for key, value in (environment or {}).items() if key.startswith("NAIVENET_")}
        for _ in range(STARTS):
            if self._do("start", name=name, cpus=cpus, environment={**ours, MARK: self._mark(name)}):
                return
            self._kill_processes(name)
        raise AssertionError(f"the node {name} did not start:\n{self._said()}")

    def start_node_at(self, link: Link, name: str, cpus: float, environment: Mapping[str, str]) -> None:
        """Start a node at the other end of a link by ``ray start``; `shutdown` ends it."""
        command = [*link.within, sys.executable, "-m", "ray.scripts.scripts", "start", "--block"]
        options = {"address": self.address, "num-cpus": cpus, "node-ip-address": link.far, "node-name": name}
        options |= {"object-store-memory": OBJECT_STORE_BYTES, "include-log-monitor": "false"}
        options_given = [f"--{option}={value}" for option, value in options.items()]
        own = {**environment, **RAY_ENVIRONMENT, MARK: self._mark(name)}
        for _ in range(STARTS):
            with (self._folder / name).open("wb") as log:
                process = subprocess.Popen([*command, *options_given], stdout=log, stderr=log, env=own)
            self._far[name] = process
            until(lambda: process.poll() is not None or self._has_started(name), what=f"the start of {name}")  # noqa: B023  # called at once
            if process.poll() is None:
                return
            self._kill_processes(name)
        raise AssertionError((self._folder / name).read_text()[-3000:])

    def kill_node(self, name: str) -> None:
        """Kill all processes of a node at once, as a machine dies."""
        self._kill_processes(name)
        self._do("stop", name=name)

    def kill_head(self) -> None:
        """Kill the head's processes; the nodes go on without it for `HEAD_TIMEOUT_S`."""
        self.kill_node(HEAD)

    def processes(self, name: str) -> list[int]:
        """Return the processes of a node: its raylet, Ray's workers, and the jobs that these started."""
        mark = f"{MARK}={self._mark(name)}\0".encode()
        roots = [pid for pid in _all_processes() if mark in _read(pid, "environ")]
        return list(dict.fromkeys([*roots, *(child for root in roots for child in _descendants(root))]))

    def workers(self, name: str) -> list[int]:
        """Return Ray's workers on a node that run a job now."""
        return [pid for pid in self.processes(name) if b"ray::naivenet-" in _read(pid, "cmdline")]

    def jobs(self, name: str) -> list[int]:
        """Return the processes on a node that train; a fork server has started each of them."""
        servers = [pid for pid in self.processes(name) if b"multiprocessing.forkserver" in _read(pid, "cmdline")]
        return [pid for pid in servers if _parent(pid) in servers]

    def resident_bytes(self, name: str) -> int:
        """Return the memory of a node's processes; pages that several of them share count for each."""
        pages = [int(fields[1]) for pid in self.processes(name) if (fields := _read(pid, "statm").split())]
        return sum(pages) * os.sysconf("SC_PAGE_SIZE")

    def shutdown(self) -> None:
        """End all nodes."""
        for name, process in self._far.items():
            self._kill_processes(name)
            process.wait(60)
        with contextlib.suppress(BrokenPipeError):
            self._stdin.close()
        self._host.wait(60)
        self._stdout.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _mark(self, name: str) -> str:
        return f"{self.port}-{name}"

    def _kill_processes(self, name: str) -> None:
        for pid in self.processes(name):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def _has_started(self, name: str) -> bool:
        return "Ray runtime started" in (self._folder / name).read_text()

    def _said(self) -> str:
        return (self._folder / "log").read_text()[-3000:]

    def _do(self, command: str, **arguments: object) -> bool:
        self._stdin.write(json.dumps({"do": command, **arguments}) + "\n")
        self._stdin.flush()
        answer = self._stdout.readline()
        assert answer, f"the cluster's process ended:\n{self._said()}"
        return answer == "done\n"

    @property
    def _stdin(self):  # noqa: ANN202  # typing.TextIO, which subprocess declares as optional
        assert self._host.stdin
        return self._host.stdin

    @property
    def _stdout(self):  # noqa: ANN202  # likewise
        assert self._host.stdout
        return self._host.stdout


def own_address() -> str:
    """Return this machine's address, by which Ray's nodes know it: Ray takes no loopback address for a cluster."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("8.8.8.8", 80))  # sends nothing
        address: str = probe.getsockname()[0]
        return address


def _all_processes() -> list[int]:
    return [int(folder.name) for folder in Path("/proc").glob("[0-9]*")]


def _descendants(pid: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for each in _all_processes():
        children.setdefault(_parent(each), []).append(each)
    found, rest = [], [pid]
    while rest:
        below = children.get(rest.pop(), [])
        found += below
        rest += below
    return found


def _parent(pid: int) -> int:
    fields = _read(pid, "stat").rpartition(b")")[2].split()
    return int(fields[1]) if fields else 0


def _read(pid: int, name: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except OSError:
        return b""
