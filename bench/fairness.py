"""`python -m bench.fairness`: measures the waits of 30 API keys that queue five jobs each, for two workers.

The order by age, as it was before the queue was fair, is that of one key which queues all jobs.
"""

import argparse
import tempfile
import time
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from statistics import mean

import numpy as np

from bench.machine import described
from bench.server import naivenet
from bench.tables import table
from service.composition import Services, compose
from service.domain.config import JobConfig
from service.domain.job import Job
from service.domain.key import Caller, Scope
from service.settings import Settings
from service.store.jobs.filters import JobFilter

#: The images of a job's dataset: most of its time is its start.
_IMAGES = 512


def main() -> None:
    """Measure both orders, and print a table."""
    parser = argparse.ArgumentParser(prog="python -m bench.fairness", description=__doc__)
    parser.add_argument("--keys", type=int, default=30)
    parser.add_argument("--jobs", type=int, default=5, help="jobs of each key")
    given = parser.parse_args()
    rows = []
    for order in ("by age", "fair"):
        waits = _first_waits(given.keys, given.jobs, fair=order == "fair")
        seconds = (f"{each:.1f} s" for each in (mean(waits), max(waits)))
        rows.append([order, *seconds, f"{max(waits) / mean(waits):.2f}"])
    header = ["order", "mean wait for a key's first job", "worst wait", "worst to mean"]
    print("\n".join([described(), "", *table(header, rows)]))


def _first_waits(keys: int, jobs: int, *, fair: bool) -> list[float]:
    """Train all jobs; return the seconds from the first start of all to each key's first start."""
    with tempfile.TemporaryDirectory(prefix="naivenet-bench-") as data_dir:
        _write_images(Path(data_dir) / "datasets")
        room = {"max_queued_jobs": keys * jobs, "max_queued_jobs_per_key": keys * jobs}
        services = compose(Settings(data_dir=Path(data_dir), **room))
        names = [f"student {number}" for number in range(keys)]
        callers = [services.keys.create(name, [Scope.TRAIN])[0].caller for name in names]
        for name, caller in zip(names, callers if fair else callers[:1] * keys, strict=True):
            _queue(services, name, caller, jobs)
        with naivenet(data_dir, max_running_jobs=2, threads_per_job=1, auth="off"):
            while services.jobs.active():
                time.sleep(1)
        return _waits(_all(services))


def _write_images(folder: Path) -> None:
    folder.mkdir()
    with np.load(str(resources.files("naivenet") / "data" / "mnist.npz"), allow_pickle=False) as images:
        np.savez_compressed(folder / "tiny.npz", **{name: images[name][:_IMAGES] for name in images.files})


def _queue(services: Services, name: str, caller: Caller, jobs: int) -> None:
    for seed in range(jobs):
        services.jobs.create(JobConfig(name=name, dataset="tiny", epochs=1, seed=seed), caller=caller)


def _all(services: Services) -> list[Job]:
    found, has_more = list[Job](), True
    while has_more:
        page, has_more = services.jobs.page(JobFilter(), limit=100, after=found[-1].id if found else None)
        found += page
    return found


def _waits(jobs: Sequence[Job]) -> list[float]:
    began = [(job.config.name, job.started_at.timestamp()) for job in jobs if job.started_at]
    firsts = {name: min(at for other, at in began if other == name) for name, _ in began}
    return [at - min(firsts.values()) for at in firsts.values()]


if __name__ == "__main__":
    main()
