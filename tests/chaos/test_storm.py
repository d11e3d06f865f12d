"""Jobs survive kills and suspensions of any process: a short storm in every run, a long one by ``make chaos``."""

import itertools
import json
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.chaos.storm import CONFIGS, Storm, cancellable
from tests.servers import PATIENCE_S, Json, losses, until

SEED = int(os.environ.get("CHAOS_SEED", "1"))
SHORT = (2, 4)
LONG = (int(os.environ.get("CHAOS_JOBS", "6")), int(os.environ.get("CHAOS_SIGNALS", "200")))


@pytest.fixture
def storm(tmp_path: Path) -> Iterator[Storm]:
    """A storm on two servers, which are stopped afterwards."""
    started = Storm(folder=tmp_path, seed=SEED)
    yield started
    started.stop()


def test_a_short_storm(storm: Storm) -> None:
    """Two jobs survive four signals."""
    survive(storm, *SHORT)


@pytest.mark.chaos
@pytest.mark.timeout(3600)
def test_a_long_storm(storm: Storm) -> None:
    """Six jobs at a time survive 200 signals; CHAOS_JOBS, CHAOS_SIGNALS and CHAOS_REPORT (a file) change that."""
    started = time.monotonic()
    report = survive(storm, *LONG)
    report["minutes"] = round((time.monotonic() - started) / 60, 1)
    if path := os.environ.get("CHAOS_REPORT"):
        Path(path).write_text(json.dumps(report, indent=2))


def survive(storm: Storm, jobs: int, signals: int) -> Json:
    """Send the signals, check every job, log and file, and return the report."""
    ids, stopped = storm.create(jobs), threading.Event()
    requests = threading.Thread(target=storm.send_requests, args=(ids, stopped), daemon=True)
    requests.start()
    storm.disturb(ids, signals)
    stopped.set()
    requests.join(60)
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
        "slowest_end_of_a_server_s": round(storm.slowest_end_s, 1),
        "most_attempts_of_a_job": max(storm.caller.job(job_id)["attempt"] for job_id in ids),
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
