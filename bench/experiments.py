"""`python -m bench.experiments`: measures an experiment beside the same work in the queue, and a result of 200 jobs."""

import argparse
import os
import tempfile
import time
from itertools import product

import httpx2

from bench.api import Json, client, finished, queue, until
from bench.document import publish
from bench.machine import described
from bench.server import naivenet
from bench.synthetic_experiments import fill
from bench.tables import ratios, spread, table
from service.settings import Settings

#: The arms: SGD at two rates, which takes as long as the queue's own jobs of `bench.queues`.
_RATES = {"small": 0.01, "large": 0.1}
_POLL_S = 0.05


def main() -> None:
    """Measure, and write the section of the docs."""
    parser = argparse.ArgumentParser(prog="python -m bench.experiments", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seeds", type=int, default=10, help="seeds of each of two arms")
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--results", type=int, default=30, help="how many times the result of 200 jobs is read")
    parser.add_argument("--dry", action="store_true", help="print the results, and do not write them to the docs")
    given = parser.parse_args()
    lines = [
        "## Experiments",
        "",
        f"{described()} By `make bench-experiments`, {given.rounds} rounds.",
        "",
        *_trained(given),
        "",
        *_read(given),
    ]
    publish("experiments", lines, dry=given.dry)


def _trained(given: argparse.Namespace) -> list[str]:
    """Train the jobs of an experiment, and as many epochs of single-threaded jobs in the queue, in turns."""
    jobs, cores = given.seeds * len(_RATES), os.cpu_count() or 1
    queued, experiments = list[float](), list[float]()
    with (
        tempfile.TemporaryDirectory(prefix="naivenet-bench-") as data_dir,
        naivenet(data_dir, max_running_jobs=cores, threads_per_job=1) as server,
        client(server.port) as api,
    ):
        finished(api, queue(api, epochs=1, seed=1))  # the fork server is up after it
        for _ in range(given.rounds):
            queued.append(_queue_s(api, jobs=jobs, epochs=given.epochs))
            experiments.append(_experiment_s(api, seeds=given.seeds, epochs=given.epochs))
    rows = [
        [f"{jobs} single-threaded jobs in the queue, epochs of each: {given.epochs}", spread(queued, ".2f", " s")],
        [f"an experiment: 2 arms, {given.seeds} seeds, the same epochs", spread(experiments, ".2f", " s")],
        [
            "the experiment's time by the queue's, in each round (target: at most 1.1)",
            spread(ratios(experiments, queued), ".3f"),
        ],
    ]
    return table([f"{jobs} jobs, {cores} at a time", "median"], rows)


def _read(given: argparse.Namespace) -> list[str]:
    """Read the result of an experiment whose 200 jobs have ended."""
    with tempfile.TemporaryDirectory(prefix="naivenet-bench-") as data_dir:
        ids = [fill(Settings(data_dir=data_dir), arms=arms, seeds=seeds) for arms, seeds in ((2, 100), (20, 10))]
        with naivenet(data_dir, trainer=False) as server, client(server.port) as api:
            _result_ms(api, ids[0])  # SciPy is imported at the first
            first = [_result_ms(api, each) for each in ids]
            again = [[_result_ms(api, each) for _ in range(given.results)] for each in ids]
    rows = [
        [f"{arms} arms, {seeds} seeds", f"{before:.1f} ms", spread(times, ".1f", " ms")]
        for (arms, seeds), before, times in zip(((2, 100), (20, 10)), first, again, strict=True)
    ]
    return table(["`GET …/result` of 200 jobs (target: at most 50 ms)", "first", "again"], rows)


def _queue_s(api: httpx2.Client, *, jobs: int, epochs: int) -> float:
    """Return how long the queue takes for so many jobs of their own."""
    began = time.perf_counter()
    seeds = range(1, jobs // len(_RATES) + 1)
    ids = [
        queue(api, epochs=epochs, seed=seed, keep_last=1, optimizer={"learning_rate": rate})
        for seed, rate in product(seeds, _RATES.values())
    ]
    for each in ids:
        finished(api, each, poll_s=_POLL_S)
    return time.perf_counter() - began


def _experiment_s(api: httpx2.Client, *, seeds: int, epochs: int) -> float:
    arms = [
        {"name": name, "config": {"epochs": epochs, "optimizer": {"learning_rate": rate}}}
        for name, rate in _RATES.items()
    ]
    began = time.perf_counter()
    body = {"arms": arms, "seeds": seeds}
    path = f"/v1/experiments/{api.post('/v1/experiments', json=body).raise_for_status().json()['id']}"

    def ended() -> Json | None:
        found: Json = api.get(path).raise_for_status().json()
        return found if found["status"] != "running" else None

    until(ended, what="the end of the experiment", poll_s=_POLL_S)
    return time.perf_counter() - began


def _result_ms(api: httpx2.Client, experiment_id: str) -> float:
    began = time.perf_counter()
    api.get(f"/v1/experiments/{experiment_id}/result").raise_for_status()
    return 1000 * (time.perf_counter() - began)


if __name__ == "__main__":
    main()
