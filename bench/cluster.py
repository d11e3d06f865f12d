"""`python -m bench.cluster`: measures jobs and instructions on Ray clusters, and beside local workers.

A cluster's nodes claim more cores than this machine may have. So its jobs take turns: at any time at most one of them
runs, for a quarter of a period, at every size of the cluster. A job then has a quarter of a core for itself, and what
is measured is how well the jobs fill the slots, not how many cores this machine has.
"""

import argparse
import contextlib
import math
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2

from bench.api import client, finished, job, queue, until
from bench.document import publish
from bench.instructions import compared
from bench.machine import described
from bench.server import naivenet
from bench.tables import table
from bench.turns import Turns
from tests.cluster.nodes import RayCluster

#: The clusters: the logical cores of their nodes. A job takes one.
_CLUSTERS = [(1,), (2, 2)]

#: A job of about a quarter of a minute in turns.
_BODY = {"epochs": 1, "seed": 1}

_ON_INSTRUCTIONS = (
    "Instructions to a training job, on a warm executor with room for one job of one thread: {rounds} jobs on each, in "
    "turns."
)

_ON_FILLING = (
    "{jobs} equal jobs, on nodes with more logical cores than this machine has. Each job runs in the same quarter of "
    "every 80 ms, however many there are, so that it has a quarter of a core for itself. The ideal is the time of a "
    "job alone, from its POST to its end, times the rounds that the jobs need in the slots. The first losses are of "
    "jobs without turns; the cold one's POST comes when the nodes have just joined."
)

_SETTINGS = {"auth": "off", "worker_timeout_s": 30}


def main() -> None:
    """Measure, and write the section of the docs."""
    parser = argparse.ArgumentParser(prog="python -m bench.cluster", description=__doc__)
    parser.add_argument("--jobs", type=int, default=12)
    parser.add_argument("--rounds", type=int, default=7, help="jobs of each executor that get the instructions")
    given = parser.parse_args()
    lines = ["## A Ray cluster", "", described(), "", *_instructions(given.rounds), "", *_filling(given.jobs)]
    publish("cluster", lines, dry=False)


def _instructions(rounds: int) -> list[str]:
    """Return the lines about instructions to a job, on this machine and on a cluster of one node."""
    alone = {**_SETTINGS, "max_running_jobs": 1, "threads_per_job": 1}
    with (
        _folder() as folder,
        _folder() as local,
        cluster_service((1,), folder) as (api, _),
        naivenet(str(local), **alone) as server,
        client(server.port) as local_api,
    ):
        rows = compared({"local": local_api, "Ray": api}, rounds=rounds)
    header = ["from a request to its effect", "local processes", "Ray", "Ray to local"]
    return [_ON_INSTRUCTIONS.format(rounds=rounds), "", *table(header, rows)]


def _filling(jobs: int) -> list[str]:
    """Return the lines about equal jobs on clusters of several sizes."""
    header = ["logical cores of the nodes", "first loss, cold", "warm", "one job alone", f"{jobs} jobs", "ideal"]
    rows = [_row(cores, jobs) for cores in _CLUSTERS]
    return [_ON_FILLING.format(jobs=jobs), "", *table([*header, "to the ideal"], rows)]


def _row(cores: tuple[int, ...], jobs: int) -> list[str]:
    with _folder() as folder, cluster_service(cores, folder) as (api, cluster):
        cold = _first_loss(api)
        _train(api, 2 * sum(cores))  # all slots are warm after it
        warm = min(_first_loss(api) for _ in range(3))
        with Turns(lambda: [pid for name in _names(cores) for pid in cluster.jobs(name)]):
            alone = min(_train(api, 1) for _ in range(2))
            together = _train(api, jobs)
    ideal = alone * math.ceil(jobs / sum(cores))
    seconds = [f"{each:.1f} s" for each in (cold, warm, alone, together, ideal)]
    return [" + ".join(map(str, cores)), *seconds, f"{together / ideal:.2f}"]


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="naivenet-bench-") as folder:
        yield Path(folder)


@contextlib.contextmanager
def cluster_service(cores: tuple[int, ...], folder: Path) -> Iterator[tuple[httpx2.Client, RayCluster]]:
    """Yield a client of a service on a cluster whose nodes have just joined, and the cluster."""
    cluster = RayCluster()
    settings = {**_SETTINGS, "data_dir": folder, "log_level": "warning"}
    environment = {f"NAIVENET_{name.upper()}": str(value) for name, value in settings.items()}
    try:
        cluster.start_head()
        chosen = {**_SETTINGS, "executor": "ray", "ray_address": cluster.address}
        with naivenet(str(folder), **chosen) as server, client(server.port) as api:
            for name, count in zip(_names(cores), cores, strict=True):
                cluster.start_node(name, count, environment)
            yield api, cluster
    finally:
        cluster.shutdown()


def _names(cores: tuple[int, ...]) -> list[str]:
    return [f"node-{number}" for number in range(len(cores))]


def _train(api: httpx2.Client, jobs: int) -> float:
    """Train this number of jobs; return the seconds from the first request to the last job's end."""
    began = time.monotonic()
    for job_id in [queue(api, **_BODY) for _ in range(jobs)]:
        finished(api, job_id)
    return time.monotonic() - began


def _first_loss(api: httpx2.Client) -> float:
    """Train a job; return the seconds from its request to its first loss."""
    began = time.monotonic()
    job_id = queue(api, **_BODY)
    until(lambda: job(api, job_id)["progress"]["step"], what="the first loss", poll_s=0.01)
    seconds = time.monotonic() - began
    finished(api, job_id)
    return seconds


if __name__ == "__main__":
    main()
