"""Jobs survive outages and signals to any process: a short storm in every run, a long one by ``make chaos``."""

import contextlib
import itertools
import json
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import httpx2
import pytest

from service.training.failures import LOST
from tests.chaos.storm import CONFIGS, Storm, cancellable
from tests.object_store import FaultyProxy
from tests.postgres import Cluster
from tests.servers import PATIENCE_S, Json, losses, until

SEED = int(os.environ.get("CHAOS_SEED", "1"))
SHORT = (2, 4)
LONG = (int(os.environ.get("CHAOS_JOBS", "6")), int(os.environ.get("CHAOS_SIGNALS", "1000")))
LONGEST_S = 60 * float(os.environ.get("CHAOS_MINUTES", "100"))


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Storm]:
    """A storm on SQLite and a folder."""
    outages = {"database locked": partial(locked, tmp_path / "data" / "naivenet.db")}
    with contextlib.closing(
        Storm(folder=tmp_path, seed=SEED, settings={"sweep_after_s": 10}, outages=outages)
    ) as storm:
        yield storm


@pytest.fixture
def large(tmp_path: Path, own_postgres: Cluster, proxied: tuple[Json, type[FaultyProxy]]) -> Iterator[Storm]:
    """A storm on PostgreSQL and S3."""
    stored, proxy = proxied
    settings = {"database_url": own_postgres.new(), "sweep_after_s": 40, **stored}
    outages = {
        "store away": proxy.away,
        "database down": own_postgres.down,
        "store hanging": proxy.hanging,
        "no connection free": own_postgres.filled,
    }
    with contextlib.closing(Storm(folder=tmp_path, seed=SEED, settings=settings, outages=outages)) as storm:
        yield storm


@pytest.mark.timeout(900)
def test_a_short_storm(small: Storm) -> None:
    """Two jobs survive four signals and an outage."""
    survive(small, *SHORT)


@pytest.mark.chaos
@pytest.mark.timeout(7200)
def test_a_long_storm(large: Storm) -> None:
    """Six jobs at a time survive 1,000 signals, or as many as CHAOS_MINUTES allow; CHAOS_REPORT names a file."""
    started = time.monotonic()
    report = survive(large, *LONG)
    report["minutes"] = round((time.monotonic() - started) / 60, 1)
    if path := os.environ.get("CHAOS_REPORT"):
        Path(path).write_text(json.dumps(report, indent=2))


@contextlib.contextmanager
def locked(database: Path) -> Iterator[None]:
    """While inside, nothing else can write to a SQLite database."""
    with contextlib.closing(sqlite3.connect(database, isolation_level=None, timeout=PATIENCE_S)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield


@contextlib.contextmanager
def company(storm: Storm, ids: list[str]) -> Iterator[None]:
    """While inside, clients send requests, and outages occur."""
    stopped = threading.Event()
    threads = [
        threading.Thread(target=storm.send_requests, args=(ids, stopped), daemon=True),
        threading.Thread(target=storm.cause_outages, args=(stopped,), daemon=True),
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stopped.set()
        for thread in threads:
            thread.join(PATIENCE_S)


def survive(storm: Storm, jobs: int, signals: int) -> Json:
    """Send the signals, check every job, log and file, and return the report."""
    ids = storm.create(jobs)
    with company(storm, ids):
        storm.disturb(ids, signals, longest_s=LONGEST_S)
    storm.end(ids)
    references = {}
    for number, job_id in enumerate(ids):
        job, config = storm.caller.job(job_id), CONFIGS[number % len(CONFIGS)]
        check_logs(storm, job_id)
        if not job["execution"]:
            assert (job["status"], job_id in cancellable(ids)) == ("cancelled", True)  # before its first step
            continue
        key = (config["seed"], job["execution"]["threads"])
        references[key] = references.get(key) or storm.reference(config, threads=key[1])
        if job["status"] == "cancelled":
            check_cancelled(storm, job, references[key][1], may_be=job_id in cancellable(ids))
        else:
            check_job(storm, job, *references[key])
    until(lambda: not storm.unknown_files(), what=f"{storm.unknown_files()} to be swept")
    assert not {status for status in storm.answers if status.startswith("5")} - {"503", "504"}
    watchers = [watcher for group in storm.watchers.values() for watcher in group]
    return {
        "seed": SEED,
        "jobs": len(ids),
        "cancelled": sum(storm.caller.job(job_id)["status"] == "cancelled" for job_id in ids),
        "signals": dict(sorted(storm.sent.items())),
        "signals_in_all": storm.sent.total(),
        "outages": dict(storm.away),
        "slowest_end_of_a_server_s": round(storm.slowest_end_s, 1),
        "most_attempts_of_a_job": max(storm.caller.job(job_id)["attempt"] for job_id in ids),
        "most_losses_without_a_checkpoint": max(losses_in_a_row(storm, job_id) for job_id in ids),
        "reconnections_of_watchers": sum(watcher.reconnections for watcher in watchers),
        "answers": dict(sorted(storm.answers.items())),
    }


def check_job(storm: Storm, job: Json, digest: str, reference: list[float]) -> None:
    """Check that a job has succeeded with the losses and the bytes of an undisturbed run."""
    assert job["status"] == "succeeded", job["error"]
    with storm.servers[0].client() as client:
        assert losses(client, job["id"]) == reference
    checkpoint = storm.caller.ask("GET", f"/v1/checkpoints/{job['result']['checkpoint_id']}").json()
    assert checkpoint["sha256"] == digest
    weights = storm.caller.ask("GET", f"/v1/checkpoints/{checkpoint['id']}/weights")
    assert weights.headers["etag"] == f'"{digest}"'


def check_cancelled(storm: Storm, job: Json, reference: list[float], *, may_be: bool) -> None:
    """Check that a client cancelled the job, and that its losses equal the first ones of an undisturbed run."""
    assert may_be
    with storm.servers[0].client() as client:
        recorded = losses(client, job["id"])
    assert recorded == reference[: len(recorded)]


def check_logs(storm: Storm, job_id: str) -> None:
    """Check that every reader got the same event log, without gaps and with each step once."""
    urls = [f"{server.base_url}/v1/jobs/{job_id}/events?limit=1000" for server in storm.servers]
    logs = [httpx2.get(url, timeout=PATIENCE_S).json()["data"] for url in urls]
    assert logs[0] == logs[1]
    assert [event["number"] for event in logs[0]] == list(range(1, len(logs[0]) + 1))
    steps = [event["data"] for event in logs[0] if event["type"] == "steps"]
    numbers = itertools.chain.from_iterable(range(s["first_step"], s["first_step"] + len(s["losses"])) for s in steps)
    assert list(numbers) == list(range(1, sum(len(s["losses"]) for s in steps) + 1))
    for watcher in storm.watchers[job_id]:
        assert watcher.events == logs[0]


def losses_in_a_row(storm: Storm, job_id: str) -> int:
    """Return the largest number of workers that a job lost between two checkpoints."""
    most = count = 0
    for event in storm.watchers[job_id][0].events:
        if event["type"] == "checkpoint":
            count = 0
        count += event["data"].get("reason", {}).get("code") in LOST
        most = max(most, count)
    return most
