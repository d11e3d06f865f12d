"""The connection of a driver, such as the trainer, to a Ray cluster."""

import contextlib
import logging
import math
import os
import socket
from dataclasses import dataclass
from functools import cache
from typing import Any

from service.errors import Misconfigured, ServiceError

#: How long the head may take to accept a connection, in seconds. Ray itself would try for two minutes.
CONNECT_S = 2.0

#: How long the head may take to say which nodes are about to end, in seconds.
DRAINING_S = 5.0

NAMESPACE = "naivenet"


class ClusterAway(ServiceError):
    """There is no cluster at the address, or this machine is no node of it."""


@dataclass(frozen=True, kw_only=True)
class Node:
    """A node of the cluster."""

    id: str
    host: str
    cpus: float
    gpus: float

    def slots(self, *, cpus: int, gpus: float) -> int:
        """Return how many jobs of so many cores and GPUs it can run at the same time."""
        return int(min(self.cpus // cpus, self.gpus // gpus if gpus else math.inf))


@cache
def load_ray() -> Any:
    """Import Ray, and lead what it logs into the log of this process.

    Raises:
        Misconfigured: It is not installed.
    """
    os.environ.setdefault("RAY_DISABLE_FAILURE_SIGNAL_HANDLER", "1")  # it logs a stack at each SIGTERM
    factory = logging.getLogRecordFactory()
    try:
        import ray  # noqa: PLC0415  # the local executor needs no Ray
    except ModuleNotFoundError as error:
        raise Misconfigured("NAIVENET_EXECUTOR=ray needs Ray: pip install 'naivenet[ray]'.") from error
    logging.setLogRecordFactory(factory)  # Ray's own adds a field to every line of this process
    logger = logging.getLogger("ray")
    logger.handlers.clear()
    logger.propagate = True
    logging.getLogger("ray._private.worker").setLevel(logging.ERROR)  # it warns of each connection in a thread
    ray._private.worker._worker_logs_enabled = False  # noqa: SLF001  # else it prints lost nodes, beside the log
    return ray


def reach(address: str) -> None:
    """Check that something listens at the address of the head.

    Raises:
        Misconfigured: It is no address.
        ClusterAway: Nothing listens there.
    """
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal():
        raise Misconfigured(f"NAIVENET_RAY_ADDRESS: {address!r} is no address; write HOST:PORT, such as 10.0.0.1:6379.")
    try:
        socket.create_connection((host, int(port)), CONNECT_S).close()
    except OSError as error:
        raise ClusterAway(
            f"No Ray cluster answers at NAIVENET_RAY_ADDRESS={address} ({error.strerror or error}). Start its head "
            "there with `ray start --head`, or set the address of another one."
        ) from error


def connect(address: str) -> None:
    """Connect this process to the cluster.

    Raises:
        Misconfigured: Ray is not installed, or it is no address.
        ClusterAway: No cluster is there, or this machine is no node of it.
    """
    ray = load_ray()
    reach(address)
    try:
        ray.init(address, namespace=NAMESPACE, log_to_driver=False, configure_logging=False)
    except Exception as error:
        disconnect()
        why = " ".join(str(error).split())[:300]
        raise ClusterAway(
            f"Cannot join the Ray cluster at NAIVENET_RAY_ADDRESS={address}: {why} The trainer must run on a node: "
            f"`ray start --address={address} --num-cpus=0` makes this machine one that runs no jobs."
        ) from error


def disconnect() -> None:
    """Disconnect from the cluster, whatever its state."""
    with contextlib.suppress(Exception):
        load_ray().shutdown()


def nodes() -> list[Node]:
    """Return the nodes of the cluster that run tasks: they live, and are not about to end."""
    leaving = draining()
    found = [each for each in load_ray().nodes() if each["Alive"] and each["NodeID"] not in leaving]
    return [
        Node(
            id=each["NodeID"],
            host=each["NodeManagerHostname"],
            cpus=each["Resources"].get("CPU", 0.0),
            gpus=each["Resources"].get("GPU", 0.0),
        )
        for each in found
    ]


def draining() -> set[str]:
    """Return the ids of the nodes that were asked to end: they take no more tasks, and finish their present ones."""
    client = load_ray()._private.worker.global_worker.gcs_client  # noqa: SLF001  # Ray's own libraries ask so, too
    return set(client.get_draining_nodes(timeout=DRAINING_S))
