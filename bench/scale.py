"""`python -m bench.scale`: a thousand who watch one job, and a hundred thousand other jobs; issue 4's figures."""

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

import httpx

from bench.api import Json, client, finished, queue
from bench.document import PATH, write_section
from bench.machine import described
from bench.server import Server, naivenet
from bench.synthetic_jobs import add_history, fill
from bench.tables import ratios, spread, table
from service.api.live.metrics import FRESH_S
from service.settings import Settings

_CPU_FIELDS = slice(11, 13)  # of /proc/PID/stat, counted after the name: time in user and in kernel mode


def main() -> None:
    """Measure, and write the section."""
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description=__doc__)
    parser.add_argument("--watchers", type=int, default=1_000)
    parser.add_argument("--jobs", type=int, nargs=2, default=(1_000, 100_000), help="how many jobs there are, twice")
    parser.add_argument("--steps", type=int, default=1_000_000, help="of the long history")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=30, help="of the job that is watched")
    parser.add_argument("--dry", action="store_true", help="write nothing")
    given = parser.parse_args()
    lines = [
        "## Many who watch, and many jobs",
        "",
        f"{described()} By `make bench-scale`, {given.rounds} rounds.",
        "",
        *_answering(given),
        "",
        *_watching(given),
    ]
    print("\n".join(lines))
    if not given.dry:
        write_section("scale", lines)
        print(f"\nwritten to {PATH}")


def _answering(given: argparse.Namespace) -> list[str]:
    few, many = (_answers(count, given.steps, given.rounds) for count in given.jobs)
    rows = [
        [what, *(spread(each, ".1f", " ms") for each in (few[what], many[what])), spread(ratios(many[what], few[what]))]
        for what in few
    ]
    header = ["answer over HTTP, one at a time (wanted: at most 20 ms)", *(f"{n:,} jobs" for n in given.jobs), "ratio"]
    return table(header, rows)


def _answers(count: int, steps: int, rounds: int) -> dict[str, list[float]]:
    """Milliseconds of each question, the median of each round."""
    with tempfile.TemporaryDirectory(prefix="naivenet-bench-") as data_dir:
        settings = Settings(data_dir=Path(data_dir))
        job_id = fill(settings, count)
        add_history(settings, job_id, steps)
        history = f"/v1/jobs/{job_id}/history"
        questions = {
            "a page of the list, 20 jobs that have ended": "/v1/jobs?status=succeeded",
            "a page of the list, 20 that wait": "/v1/jobs",
            "one job": f"/v1/jobs/{job_id}",
            f"a history of {steps:,} steps as 500 points": f"{history}?max_points=500",
            "what is new of it": f"{history}?after={steps - 200}",
        }
        with naivenet(data_dir, trainer=False) as server, client(server.port) as api:
            took = {what: [_median_ms(api, path) for _ in range(rounds)] for what, path in questions.items()}
            return took | {"what Prometheus reads, looked up anew": [_looked_up_ms(api) for _ in range(rounds)]}


def _median_ms(api: httpx.Client, path: str, *, times: int = 30) -> float:
    took = []
    for _ in range(times):
        began = time.perf_counter()
        api.get(path).raise_for_status()
        took.append((time.perf_counter() - began) * 1000)
    return median(took)


def _looked_up_ms(api: httpx.Client) -> float:
    time.sleep(FRESH_S)  # what it tells is remembered for so long
    return _median_ms(api, "/metrics", times=1)


def _watching(given: argparse.Namespace) -> list[str]:
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
                ["lateness of an entry, median", spread([each["p50_s"] for each in seen], ".3f", " s")],
                [
                    "lateness of an entry, p99 (wanted: under 1 s)",
                    spread([each["p99_s"] for each in seen], ".3f", " s"),
                ],
                ["processor of the API, cores (under 1)", spread([each["cores"] for each in seen])],
                ["processor of the watchers, cores", spread([each["own_cores"] for each in seen])],
                ["the job's time to that of one unwatched (under 1.1)", spread(ratios(watched_s, alone_s))],
                ["entries that each watcher got, least and most", _entries(seen)],
            ],
        ),
    ]


def _watched(api: httpx.Client, server: Server, watchers: int, body: Json) -> tuple[Json, Json]:
    """A job that is watched by so many, and what they saw."""
    job_id = queue(api, **body)
    command = [sys.executable, "-m", "bench.watchers", "--port", str(server.port), "--job", job_id]
    began, before = time.perf_counter(), _cpu_s(server.pid)
    with subprocess.Popen([*command, "--watchers", str(watchers)], stdout=subprocess.PIPE) as watching:
        job = finished(api, job_id, poll_s=1.0)
        cores = (_cpu_s(server.pid) - before) / (time.perf_counter() - began)
        said, _ = watching.communicate(timeout=120)
    found: dict[str, Any] = json.loads(said.splitlines()[-1])
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
