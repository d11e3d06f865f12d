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
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from tests.cluster.host import HEAD, OBJECT_STORE_BYTES
from tests.cluster.links import Link
from tests.servers import PATIENCE_S, free_port, until

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

#: What a head needs whose autoscaler starts nodes on the same machine, as Ray's own tests do.
AUTOSCALER_ENVIRONMENT = {"RAY_FAKE_CLUSTER": "1", "AUTOSCALER_UPDATE_INTERVAL_S": "1"}

#: The time after which the autoscaler removes an idle node, in minutes.
IDLE_MINUTES = 0.05


class RayCluster:
    """A head that runs no jobs, and nodes that tests add."""

    def __init__(self) -> None:
        self.port = free_port()
        self.address = f"{own_address()}:{self.port}"
        self._by_hand: dict[str, subprocess.Popen[bytes]] = {}
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

    def start_node_by_hand(
        self, name: str, cpus: float, environment: Mapping[str, str], *, link: Link | None = None
    ) -> None:
        """Start a node by ``ray start --block``, as an operator does, if given at the other end of a link."""
        options = {"address": self.address, "num-cpus": cpus, "node-name": name, "include-log-monitor": "false"}
        options["object-store-memory"] = OBJECT_STORE_BYTES
        own = {**environment, **RAY_ENVIRONMENT, MARK: self._mark(name)}
        if link:
            self._start_by_hand(name, options | {"node-ip-address": link.far}, own, link.within)
        else:
            self._start_by_hand(name, options, own)

    def start_autoscaling_head(self, environment: Mapping[str, str], *, cpus: float) -> None:
        """Start a head whose autoscaler adds nodes with so many cores each, as processes of this machine."""
        config = self._folder / "autoscaler.json"
        config.write_text(json.dumps(autoscaling(self.address, cpus)))
        options = {"autoscaling-config": config, "port": self.port, "num-cpus": 0, "include-dashboard": "false"}
        options |= {"object-store-memory": OBJECT_STORE_BYTES, "temp-dir": self._folder}
        options |= {"include-log-monitor": "false", "ray-client-server-port": free_port()}
        own = {**environment, **RAY_ENVIRONMENT, **AUTOSCALER_ENVIRONMENT, MARK: self._mark(HEAD)}
        self._start_by_hand(HEAD, {"head": "true", **options}, own)

    def _start_by_hand(
        self, name: str, options: Mapping[str, object], environment: Mapping[str, str], within: Sequence[str] = ()
    ) -> None:
        given = [f"--{option}={value}" if option != "head" else "--head" for option, value in options.items()]
        command = [*within, sys.executable, "-m", "ray.scripts.scripts", "start", "--block", *given]
        for _ in range(STARTS):
            with (self._folder / name).open("wb") as log:
                process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
            self._by_hand[name] = process
            until(lambda: process.poll() is not None or self._has_started(name), what=f"the start of {name}")  # noqa: B023  # called at once
            if process.poll() is None:
                return
            self._kill_processes(name)
        raise AssertionError((self._folder / name).read_text()[-3000:])

    def stop_politely(self, name: str) -> None:
        """Send SIGTERM to the ``ray start`` of a node, as service managers and containers do; wait for its end."""
        self._by_hand[name].terminate()
        self._by_hand[name].wait(PATIENCE_S)

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
        return list(dict.fromkeys([*roots, *_descendants(*roots)]))

    def worker_of(self, job_id: str) -> int:
        """Return Ray's worker that runs a job."""
        title = f"ray::naivenet-{job_id}".encode()
        return next(pid for pid in _all_processes() if title in _read(pid, "cmdline"))

    def process_of(self, job_id: str) -> int:
        """Return the process that trains a job: a child of the fork server of its Ray worker."""
        return next(iter(_forked(_descendants(self.worker_of(job_id)))))

    def jobs(self, name: str) -> list[int]:
        """Return the processes on a node that train; a fork server has started each of them."""
        return _forked(self.processes(name))

    def resident_bytes(self, name: str) -> int:
        """Return the memory of a node's processes; pages that several of them share count for each."""
        pages = [int(fields[1]) for pid in self.processes(name) if (fields := _read(pid, "statm").split())]
        return sum(pages) * os.sysconf("SC_PAGE_SIZE")

    def shutdown(self) -> None:
        """End all nodes."""
        for name, process in self._by_hand.items():
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


def autoscaling(address: str, cpus: float) -> dict[str, Any]:
    """Return the configuration of an autoscaler for at most one node with so many cores."""
    resources = {"CPU": cpus, "object_store_memory": OBJECT_STORE_BYTES}
    types = {
        "ray.head.default": {"resources": {"CPU": 0}, "node_config": {}, "max_workers": 0},
        "node": {"resources": resources, "node_config": {}, "min_workers": 0, "max_workers": 1},
    }
    provider = {"type": "fake_multinode", "gcs_address": address, "use_node_id_as_ip": True}
    provider |= {"disable_node_updaters": True, "disable_launch_config_check": True}
    nothing = {"auth": {}, "docker": {}, "file_mounts": {}, "file_mounts_sync_continuously": False}
    commands = ("initialization", "setup", "head_setup", "worker_setup", "head_start_ray", "worker_start_ray")
    return {
        **nothing,
        **{f"{each}_commands": [] for each in commands},
        "cluster_synced_files": [],
        "upscaling_speed": 1.0,
        "cluster_name": "test",
        "provider": provider,
        "available_node_types": types,
        "head_node_type": "ray.head.default",
        "max_workers": 1,
        "idle_timeout_minutes": IDLE_MINUTES,
    }


def own_address() -> str:
    """Return this machine's address, by which Ray's nodes know it: Ray takes no loopback address for a cluster."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("8.8.8.8", 80))  # sends nothing
        address: str = probe.getsockname()[0]
        return address


def _all_processes() -> list[int]:
    return [int(folder.name) for folder in Path("/proc").glob("[0-9]*")]


def _descendants(*pids: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for each in _all_processes():
        children.setdefault(_parent(each), []).append(each)
    found, rest = list[int](), list(pids)
    while rest:
        below = children.pop(rest.pop(), [])
        found += below
        rest += below
    return found


def _forked(pids: Sequence[int]) -> list[int]:
    """Return which of these processes a fork server among them has started."""
    servers = [pid for pid in pids if b"multiprocessing.forkserver" in _read(pid, "cmdline")]
    return [pid for pid in servers if _parent(pid) in servers]


def _parent(pid: int) -> int:
    fields = _read(pid, "stat").rpartition(b")")[2].split()
    return int(fields[1]) if fields else 0


def _read(pid: int, name: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except OSError:
        return b""
