"""Jobs that survive anything, shown by killing things: a short storm in every run, a long one by ``make chaos``."""

import itertools
import json
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.chaos.storm import CONFIGS, Storm, doomed
from tests.servers import PATIENCE_S, Json, losses, until

SEED = int(os.environ.get("CHAOS_SEED", "1"))
SHORT = (2, 4)
LONG = (int(os.environ.get("CHAOS_JOBS", "6")), int(os.environ.get("CHAOS_SIGNALS", "200")))


@pytest.fixture
def storm(tmp_path: Path) -> Iterator[Storm]:
    """Two servers, which are stopped in the end."""
    raging = Storm(folder=tmp_path, seed=SEED)
    yield raging
    raging.stop()


def test_a_short_storm(storm: Storm) -> None:
    """Two jobs outlast four signals."""
    survive(storm, *SHORT)


@pytest.mark.chaos
@pytest.mark.timeout(3600)
def test_a_long_storm(storm: Storm) -> None:
    """Jobs, six at a time, outlast two hundred signals, or as many as are asked for; CHAOS_REPORT gets the figures."""
    started = time.monotonic()
    figures = survive(storm, *LONG)
    figures["minutes"] = round((time.monotonic() - started) / 60, 1)
    if report := os.environ.get("CHAOS_REPORT"):
        Path(report).write_text(json.dumps(figures, indent=2))


def survive(storm: Storm, jobs: int, signals: int) -> Json:
    """Rage, and look at what is left; the figures."""
    ids, stopped = storm.create(jobs), threading.Event()
    meddler = threading.Thread(target=storm.meddle, args=(ids, stopped), daemon=True)
    meddler.start()
    storm.disturb(ids, signals)
    stopped.set()
    meddler.join(60)
    storm.end(ids)
    references = {}
    for number, job_id in enumerate(ids):
        job, config = storm.caller.job(job_id), CONFIGS[number % len(CONFIGS)]
        check_logs(storm, job_id)
        if not job["execution"]:
            assert (job["status"], job_id in doomed(ids)) == ("cancelled", True)  # before its first step
            continue
        key = (config["seed"], job["execution"]["threads"])
        references[key] = references.get(key) or storm.reference(config, threads=key[1])
        if job["status"] == "cancelled":
            check_cancelled(storm, job, references[key][1], may_be=job_id in doomed(ids))
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
    """It has succeeded, with the losses and the bytes of an undisturbed run."""
    assert job["status"] == "succeeded", job["error"]
    with storm.servers[0].client() as client:
        assert losses(client, job["id"]) == reference
    checkpoint = storm.caller.ask("GET", f"/v1/checkpoints/{job['result']['checkpoint_id']}").json()
    assert checkpoint["sha256"] == digest
    weights = storm.caller.ask("GET", f"/v1/checkpoints/{checkpoint['id']}/weights")
    assert weights.headers["etag"] == f'"{digest}"'


def check_cancelled(storm: Storm, job: Json, reference: list[float], *, may_be: bool) -> None:
    """It was asked for, and what it had told by then is what an undisturbed run tells."""
    assert may_be
    with storm.servers[0].client() as client:
        told = losses(client, job["id"])
    assert told == reference[: len(told)]


def check_logs(storm: Storm, job_id: str) -> None:
    """Every reader has the same log, without a gap, each step in it once."""
    urls = [f"{server.base_url}/v1/jobs/{job_id}/events?limit=1000" for server in storm.servers]
    told = [httpx.get(url, timeout=PATIENCE_S).json()["data"] for url in urls]
    assert told[0] == told[1]
    assert [event["number"] for event in told[0]] == list(range(1, len(told[0]) + 1))
    steps = [event["data"] for event in told[0] if event["type"] == "steps"]
    numbers = itertools.chain.from_iterable(range(s["first_step"], s["first_step"] + len(s["losses"])) for s in steps)
    assert list(numbers) == list(range(1, sum(len(s["losses"]) for s in steps) + 1))
    for watcher in storm.watchers[job_id]:
        assert watcher.seen == told[0]
