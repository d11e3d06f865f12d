"""`python -m bench.scale`: measures a thousand streams of one job, and a hundred thousand jobs."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any

import httpx2

from bench.api import Json, client, finished, queue
from bench.document import publish
from bench.machine import described
from bench.server import Server, naivenet
from bench.synthetic_jobs import add_history, fill
from bench.tables import ratios, spread, table
from service.api.live.metrics import FRESH_S
from service.settings import Settings

_CPU_FIELDS = slice(11, 13)  # of /proc/PID/stat, counted after the name: time in user and in kernel mode


def main() -> None:
    """Measure, and write the section of the docs."""
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description=__doc__)
    parser.add_argument("--watchers", type=int, default=1_000)
    parser.add_argument(
        "--jobs", type=int, nargs=2, default=(1_000, 100_000), help="two numbers of jobs, which are compared"
    )
    parser.add_argument("--steps", type=int, default=1_000_000, help="steps of the long history")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=30, help="epochs of the watched job")
    parser.add_argument("--dry", action="store_true", help="print the results, and do not write them to the docs")
    given = parser.parse_args()
    lines = [
        "## Many watchers, and many jobs",
        "",
        f"{described()} By `make bench-scale`, {given.rounds} rounds.",
        "",
        *_responses(given),
        "",
        *_streams(given),
    ]
    publish("scale", lines, dry=given.dry)


def _responses(given: argparse.Namespace) -> list[str]:
    few, many = (_response_times(count, given.steps, given.rounds) for count in given.jobs)
    rows = [
        [what, *(spread(each, ".1f", " ms") for each in (few[what], many[what])), spread(ratios(many[what], few[what]))]
        for what in few
    ]
    header = [
        "response over HTTP, one request at a time (target: at most 20 ms)",
        *(f"{n:,} jobs" for n in given.jobs),
        "ratio",
    ]
    return table(header, rows)


def _response_times(count: int, steps: int, rounds: int) -> dict[str, list[float]]:
    """Return the milliseconds of each request: the median of each round."""
    with tempfile.TemporaryDirectory(prefix="naivenet-bench-") as data_dir:
        settings = Settings(data_dir=Path(data_dir))
        job_id = fill(settings, count)
        add_history(settings, job_id, steps)
        history = f"/v1/jobs/{job_id}/history"
        paths = {
            "a page of 20 jobs that have ended": "/v1/jobs?status=succeeded",
            "a page of 20 queued jobs": "/v1/jobs",
            "one job": f"/v1/jobs/{job_id}",
            f"a history of {steps:,} steps as 500 points": f"{history}?max_points=500",
            "its newest points": f"{history}?after={steps - 200}",
        }
        with naivenet(data_dir, trainer=False) as server, client(server.port) as api:
            took = {what: [_median_ms(api, path) for _ in range(rounds)] for what, path in paths.items()}
            return took | {"metrics for Prometheus, not cached": [_uncached_metrics_ms(api) for _ in range(rounds)]}


def _median_ms(api: httpx2.Client, path: str, *, times: int = 30) -> float:
    took = []
    for _ in range(times):
        began = time.perf_counter()
        api.get(path).raise_for_status()
        took.append((time.perf_counter() - began) * 1000)
    return median(took)


def _uncached_metrics_ms(api: httpx2.Client) -> float:
    time.sleep(FRESH_S)  # metrics are cached for so long
    return _median_ms(api, "/metrics", times=1)


def _streams(given: argparse.Namespace) -> list[str]:
    body = {"epochs": given.epochs, "seed": 1, "checkpoint_every_epochs": given.epochs}
    alone_s, watched_s, seen = [], [], []
    with (
        tempfile.TemporaryDirectory(prefix="naivenet-bench-") as data_dir,
        naivenet(data_dir, threads_per_job=1) as server,
        client(server.port) as api,
    ):
        finished(api, queue(api, epochs=1, seed=1))  # the fork server is up after it
        for _ in range(given.rounds):
            alone_s.append(_trained_s(finished(api, queue(api, **body))))
            job, found = _watched(api, server, given.watchers, body)
            watched_s.append(_trained_s(job))
            seen.append(found)
    return [
        f"{given.watchers:,} streams of one running job, from a process on the same machine; the job has one thread.",
        "",
        *table(
            ["", "median"],
            [
                ["delay of an entry, median", spread([each["p50_s"] for each in seen], ".3f", " s")],
                [
                    "delay of an entry, p99 (target: under 1 s)",
                    spread([each["p99_s"] for each in seen], ".3f", " s"),
                ],
                ["processor of the API, cores (under 1)", spread([each["cores"] for each in seen])],
                ["processor of the watchers, cores", spread([each["own_cores"] for each in seen])],
                ["the job's time to that of an unwatched job (under 1.1)", spread(ratios(watched_s, alone_s))],
                ["entries for each watcher, least and most", _entries(seen)],
            ],
        ),
    ]


def _watched(api: httpx2.Client, server: Server, watchers: int, body: Json) -> tuple[Json, Json]:
    """Run a job that *watchers* streams follow; return the job and what was measured."""
    job_id = queue(api, **body)
    command = [sys.executable, "-m", "bench.watchers", "--port", str(server.port), "--job", job_id]
    began, before = time.perf_counter(), _cpu_s(server.pid)
    with subprocess.Popen([*command, "--watchers", str(watchers)], stdout=subprocess.PIPE) as watching:
        job = finished(api, job_id, poll_s=1.0)
        cores = (_cpu_s(server.pid) - before) / (time.perf_counter() - began)
        output, _ = watching.communicate(timeout=120)
    found: dict[str, Any] = json.loads(output.splitlines()[-1])
    return job, found | {"cores": cores}


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[_CPU_FIELDS])) / os.sysconf("SC_CLK_TCK")


def _trained_s(job: Json) -> float:
    began, ended = (datetime.fromisoformat(job[name]) for name in ("started_at", "finished_at"))
    seconds: float = (ended - began).total_seconds()
    return seconds


def _entries(seen: Sequence[Json]) -> str:
    return ", ".join(f"{least}..{most}" for least, most in (each["entries"] for each in seen))


if __name__ == "__main__":
    main()
