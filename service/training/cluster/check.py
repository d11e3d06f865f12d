"""`python -m service.training.cluster.check`: prints what `naivenet doctor` reports of the cluster, as JSON.

It is a process of its own: Ray's calls may wait for minutes for a cluster that is half there, and the doctor ends it.
"""

import json
import os
import sys
import threading
from contextlib import closing
from typing import Any, NoReturn

from service.errors import ServiceError
from service.operations.doctor import Problem
from service.settings import Settings, load_settings
from service.store.database import HEAD, Database
from service.store.operations.identity import IdentityStore
from service.training.cluster.connection import Node, connect, disconnect, load_ray, nodes

#: How long the check may take once Ray is imported, and how long its nodes may take to report, in seconds.
CHECK_S, REPORTS_S = 15.0, 12.0

#: What to do about a node that gets no jobs.
NODE_REMEDY = (
    "Install the trainer's version of naivenet on each node, and start Ray there with the trainer's "
    "NAIVENET_DATABASE_URL in its environment; the other nodes run jobs."
)


def main() -> None:
    """Print the finding, and end this process, whatever Ray's threads do."""
    settings = load_settings()
    try:
        load_ray()
        give_up = threading.Timer(CHECK_S, _answer, (f"{_at(settings)} has not answered for {CHECK_S:g} s.", ""))
        give_up.daemon = True
        give_up.start()
        _answer(check_cluster(settings))
    except Problem as problem:
        _answer(str(problem), problem.remedy)
    except ServiceError as error:
        _answer(str(error), "")


def _answer(found: str, remedy: str | None = None) -> NoReturn:
    """Print a finding, with None as *remedy* if all is well, and end this process."""
    sys.stdout.write(f"{json.dumps({'found': found, 'remedy': remedy})}\n")
    sys.stdout.flush()
    os._exit(0)


def _at(settings: Settings) -> str:
    return f"The Ray cluster at NAIVENET_RAY_ADDRESS={settings.ray_address}"


def check_cluster(settings: Settings) -> str:
    """Connect to the cluster, check each node that has cores, and return how many jobs it can run.

    Raises:
        Misconfigured: Ray is not installed, or the address is none.
        ClusterAway: There is no cluster at the address.
        Problem: A node cannot run jobs, or no node has room for one.
    """
    connect(settings.ray_address)
    try:
        found, database_id = [node for node in nodes() if node.cpus], _database_id(settings)
        size = _size(found, settings)
        if database_id is None:
            return f"{size}; their databases are not compared before the first start"
        if problems := _problems(found, database_id):
            raise Problem(f"Nodes that run no jobs: {' '.join(problems)}", NODE_REMEDY)
        return size
    finally:
        disconnect()


def _size(found: list[Node], settings: Settings) -> str:
    cpus, gpus = settings.threads_per_job or 1, settings.gpus_per_job
    slots = sum(node.slots(cpus=cpus, gpus=gpus) for node in found)
    size = f"{len(found)} nodes with {sum(node.cpus for node in found):g} cores at {settings.ray_address}"
    if not slots:
        raise Problem(
            f"No node has room for a job of {cpus} cores and {gpus:g} GPUs: {size}",
            f"Start nodes with `ray start --address={settings.ray_address}`, or correct NAIVENET_THREADS_PER_JOB and "
            "NAIVENET_GPUS_PER_JOB.",
        )
    return f"{size}, for {slots} jobs at the same time"


def _database_id(settings: Settings) -> str | None:
    """Return the id of the database; None before the first start."""
    with closing(Database(settings.resolved_database_url)) as database:
        identity = IdentityStore(database).read() if database.revision() == HEAD else None
    return identity.id if identity else None


def _problems(found: list[Node], database_id: str | None) -> list[str]:
    """Return one sentence for each node whose version or database is another one, or which does not answer."""
    from service.training.cluster.members import run_on  # noqa: PLC0415  # it needs Ray, which may not be installed
    from service.training.cluster.node import report  # noqa: PLC0415  # likewise

    ray = load_ray()
    tasks = [run_on(node.id, report, num_cpus=0) for node in found]
    ready, _ = ray.wait(tasks, num_returns=len(tasks), timeout=REPORTS_S) if tasks else ([], [])
    problems = [_problem(task, ready, database_id) for task in tasks]
    return [f"{node.host}: {problem}" for node, problem in zip(found, problems, strict=True) if problem]


def _problem(task: Any, ready: list[Any], database_id: str | None) -> str | None:
    ray = load_ray()
    if task not in ready:
        return f"it has not answered for {REPORTS_S:g} s."
    try:
        problem: str | None = ray.get(task).problem_for(database_id)
    except ray.exceptions.RayError as error:
        return " ".join(str(error).split())[:300]
    return problem


if __name__ == "__main__":
    main()
