"""Measures what the service adds to training: a job compared with a plain `fit`, its first loss, its memory."""

import contextlib
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import datetime

import httpx2

from bench.api import Json, client, finished, history, job, queue, until
from bench.comparison import Peer, PeerProcess
from bench.memory import children, peak_mb, private_mb
from bench.server import Server, naivenet
from bench.tables import ratios, spread, table

_POLL_S = 0.002
_MEMORY_POLL_S = 0.02
_STATUS_POLL_S = 1.0  # rarely: each request takes a core from the job for a moment
_NEVER = 1_000_000  # epochs between two checkpoints: the job saves none but the last
_ALONE = Peer(label="fit", module="ours", function="fit_tested", package="tensorflow")


@dataclass(kw_only=True)
class Jobs:
    """What was measured, for each round; in seconds unless the name says otherwise."""

    epoch_s: list[float] = field(default_factory=list)
    alone_s: list[float] = field(default_factory=list)
    beside_training: list[float] = field(default_factory=list)  # share of an epoch, for a job that saves no checkpoint
    first_loss_s: list[float] = field(default_factory=list)
    import_s: list[float] = field(default_factory=list)
    compile_s: float = 0.0
    peak_mb: list[float] = field(default_factory=list)
    private_mb: list[float] = field(default_factory=list)


def measure(*, rounds: int, epochs: int) -> Jobs:
    """Run jobs and `fit` in turns.

    An epoch's time is the difference of two runs, one twice as long as the other: their start cancels out, and so does
    compiling, which every job does in its own process, but only the first `fit`.
    """
    found = Jobs()
    with (
        tempfile.TemporaryDirectory(prefix="naivenet-bench-") as data_dir,
        naivenet(data_dir) as server,
        client(server.port) as api,
        PeerProcess(_ALONE, sys.executable) as alone,
    ):
        finished(api, queue(api, epochs=1, seed=1))  # the fork server is up after it
        found.compile_s = alone.result.first_loss_s
        for _ in range(rounds):
            _round(found, api, server, alone, epochs=epochs)
    return found


def lines(found: Jobs) -> list[str]:
    """Return a table of the results."""
    targets = [each / 10 + found.compile_s for each in found.import_s]
    rows = [
        ["an epoch of a job, recording and checkpoints included", spread(found.epoch_s, ".3f", " s")],
        ["an epoch of `fit` alone, tested and as nice as the job", spread(found.alone_s, ".3f", " s")],
        ["the job's to `fit`'s (target: at most 1.05)", spread(ratios(found.epoch_s, found.alone_s), ".3f")],
        ["share of an epoch that is neither training nor testing (at most 0.02)", spread(found.beside_training, ".3f")],
        ["from `POST /v1/jobs` to the first loss in the history", spread(found.first_loss_s, ".3f", " s")],
        ['`python -c "import tensorflow"`', spread(found.import_s, ".2f", " s")],
        ["compiling and the first step", f"{found.compile_s:.2f} s"],
        [
            "first loss to a tenth of the import plus compiling (at most 1)",
            spread(ratios(found.first_loss_s, targets), ".2f"),
        ],
        ["peak memory of a job's process (at most 700 MB)", spread(found.peak_mb or [float("nan")], ".0f", " MB")],
        ["of its memory, shared with no other process", spread(found.private_mb or [float("nan")], ".0f", " MB")],
    ]
    return table(["a job on the notebook's network, SGD", "median"], rows)


def _round(found: Jobs, api: httpx2.Client, server: Server, alone: PeerProcess, *, epochs: int) -> None:
    short, long = (_trained(api, epochs=each) for each in (epochs, 2 * epochs))
    found.epoch_s.append((_seconds(long) - _seconds(short)) / epochs)
    found.alone_s.append(_epoch_alone(alone, epochs=epochs))
    found.beside_training.append(_beside_training(api, epochs=epochs))
    found.first_loss_s.append(_first_loss_s(found, api, server))
    found.import_s.append(_import_s())


def _trained(api: httpx2.Client, **fields: int) -> Json:
    """Run a job to its end, and return it."""
    return finished(api, queue(api, seed=1, **fields), poll_s=_STATUS_POLL_S)


def _seconds(done: Json) -> float:
    """Return how long a job took, by its own timestamps."""
    began, ended = (datetime.fromisoformat(done[name]) for name in ("started_at", "finished_at"))
    seconds: float = (ended - began).total_seconds()
    return seconds


def _epoch_alone(alone: PeerProcess, *, epochs: int) -> float:
    alone.train(epochs)
    alone.train(2 * epochs)
    short, long = alone.result.epoch_s[-2:]
    seconds: float = 2 * long - short
    return seconds


def _beside_training(api: httpx2.Client, *, epochs: int) -> float:
    """Return the share of a job's epochs that is neither training nor testing: recording, reading instructions."""
    jobs = [_trained(api, epochs=n, checkpoint_every_epochs=_NEVER) for n in (epochs, 2 * epochs)]
    short, long = (sum(point["seconds"] for point in history(api, each["id"], "epoch")) for each in jobs)
    wall = _seconds(jobs[1]) - _seconds(jobs[0])
    return (wall - (long - short)) / wall


def _first_loss_s(found: Jobs, api: httpx2.Client, server: Server) -> float:
    began = time.perf_counter()
    job_id = queue(api, epochs=2, seed=1)
    until(lambda: history(api, job_id, "step"), what="the first loss", poll_s=_POLL_S)
    seconds = time.perf_counter() - began
    _measure_memory(found, api, server, job_id)
    return seconds


def _measure_memory(found: Jobs, api: httpx2.Client, server: Server, job_id: str) -> None:
    """Record the largest memory of the job's process, sampled until the job ends."""
    samples: list[tuple[float, float]] = []
    while job(api, job_id)["status"] == "running":
        with contextlib.suppress(OSError, StopIteration):  # there is no /proc, or the worker has ended
            workers = children(*children(*children(server.pid)))  # trainer, fork server, worker
            samples += [(peak_mb(each), private_mb(each)) for each in workers]
        time.sleep(_MEMORY_POLL_S)
    if samples:
        peaks, privates = zip(*samples, strict=True)
        found.peak_mb.append(max(peaks))
        found.private_mb.append(max(privates))


def _import_s() -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import tensorflow"], check=True, capture_output=True)
    return time.perf_counter() - began
