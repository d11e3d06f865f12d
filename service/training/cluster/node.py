"""What runs on the nodes of a cluster, in Ray's worker processes: each starts jobs as the local executor does.

A job is a process that a fork server starts, which has imported TensorFlow. So a job's memory goes back when it ends,
and the next job of the same Ray worker begins at once. If Ray or the system kills the Ray worker, the job notices the
end of its parent, saves a checkpoint and ends.
"""

import importlib.metadata
import os
import platform
import sys
import threading
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

import ray

from service.domain.claims import Claim
from service.errors import ServiceError
from service.settings import load_settings
from service.store import Database
from service.store.operations.identity import IdentityStore
from service.training.cluster.connection import draining
from service.training.trainer.executors import LocalProcesses

#: The longest time until a task notices that Ray has cancelled it, in seconds.
POLL_S = 0.2

#: The time between two questions to the head whether this node is about to end, in seconds.
DRAINING_POLL_S = 1.0


@dataclass(frozen=True, kw_only=True)
class NodeReport:
    """What a node would train with.

    Attributes:
        database: Its database's URL, without the password.
        database_id: The id in that database; None before a trainer has drawn one.
        problem: Why its settings do not lead to a database.
    """

    host: str
    naivenet: str
    python: str
    database: str = ""
    database_id: str | None = None
    problem: str | None = None

    def problem_for(self, database_id: str | None) -> str | None:
        """Return in one sentence why jobs of the database with this id must not run there; None if they may."""
        ours = importlib.metadata.version("naivenet")
        if self.problem:
            return self.problem
        if self.naivenet != ours:
            return f"it has naivenet {self.naivenet}, and the trainer {ours}; install the same version on both."
        if self.database_id != database_id:
            return (
                f"its database is another one, {self.database}; start Ray there with the trainer's "
                "NAIVENET_DATABASE_URL in its environment."
            )
        return None


def report() -> NodeReport:
    """Return what this node would train with, by its own settings."""
    facts = {
        "host": platform.node(),
        "naivenet": importlib.metadata.version("naivenet"),
        "python": platform.python_version(),
    }
    try:
        with closing(Database(load_settings().resolved_database_url)) as database:
            identity = IdentityStore(database).read()
            return NodeReport(**facts, database=database.name, database_id=identity.id if identity else None)
    except ServiceError as error:
        return NodeReport(**facts, problem=str(error))


def warm_up() -> None:
    """Start this process's fork server, which imports TensorFlow."""
    _processes()


def run_job(job_id: str, attempt: int) -> int | None:
    """Run a job in a process of its own until it ends, and return its exit code.

    If Ray cancels the task, or the node is about to end, the job saves a checkpoint, releases its claim and ends.
    """
    processes, leaving = _processes(), _leaving()
    processes.start(Claim(job_id=job_id, attempt=attempt), _environment())
    while True:
        try:
            processes.wait(POLL_S)
            for _, exit_code in processes.ended():
                return exit_code
            if leaving.is_set():
                processes.terminate()
        except KeyboardInterrupt:  # `ray.cancel`
            processes.terminate()


@cache
def _processes() -> LocalProcesses:
    vars(sys.modules["__main__"]).pop("__file__", None)  # a forked process would import Ray's main module
    processes = LocalProcesses(1)
    processes.warm_up()
    return processes


@cache
def _leaving() -> threading.Event:
    """Return an event that is set once this node was asked to end, as by SIGTERM to `ray start --block`."""
    leaving = threading.Event()
    threading.Thread(target=_wait_for_draining, args=(leaving,), daemon=True, name="draining").start()
    return leaving


def _wait_for_draining(leaving: threading.Event) -> None:
    """Set *leaving* once the node is draining; a thread of its own, as a head that is away answers late."""
    own_id = ray.get_runtime_context().get_node_id()
    while not leaving.is_set():
        time.sleep(DRAINING_POLL_S)
        with suppress(Exception):  # the head is away: it is asked again
            if own_id in draining():
                leaving.set()


def _environment() -> dict[str, str]:
    """Return the variables that limit a job to the cores and the GPUs that Ray has assigned to it."""
    context: Any = ray.get_runtime_context()  # Ray declares no types here
    cpus = context.get_assigned_resources().get("CPU", 1)
    visible = {name: value for name, value in os.environ.items() if name.endswith("VISIBLE_DEVICES")}
    return {"NAIVENET_THREADS_PER_JOB": str(max(1, int(cpus))), **visible}
