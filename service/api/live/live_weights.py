"""Finds the newest weights of a job, for predictions while it trains."""

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool

import naivenet
from service.composition import Services
from service.domain.job import LIVE, Job, Status
from service.errors import NothingToServe, WorkerTimeout
from service.inference.answers.registry import LoadedModel, Registry

#: How long weights are answered with before somebody looks for newer ones, in seconds.
FRESH_S = 0.1

#: How long to wait for a worker that shows its weights for the first time, and how often to look.
TIMEOUT_S, POLL_S = 20.0, 0.05

#: Reading weights may take this part of the time; those of a very large network are read less often.
LARGEST_SHARE = 0.1

#: Jobs whose weights stay loaded.
CAPACITY = 16


@dataclass(frozen=True, kw_only=True)
class _Seen:
    """Weights, and until when they count as new."""

    served: LoadedModel
    until: float


class LiveWeights:
    """The newest weights of jobs.

    However many ask at once, one looks.

    Args:
        services: Says how a job stands, and has what its worker shows.
        registry: Has the networks of checkpoints.
    """

    def __init__(self, services: Services, registry: Registry) -> None:
        self._services, self._registry = services, registry
        self._seen: OrderedDict[str, _Seen] = OrderedDict()
        self._looking: dict[str, asyncio.Task[LoadedModel]] = {}

    async def newest(self, job_id: str) -> LoadedModel:
        """The weights that the job's worker last showed; of a job that no worker trains, its last checkpoint.

        Raises:
            NotFound: There is no such job.
            NothingToServe: It has no weights yet, or ended before it saved any.
            WorkerTimeout: Its worker shows none.
        """
        seen = self._seen.get(job_id)
        if seen and time.monotonic() < seen.until:
            return seen.served
        if job_id not in self._looking:
            task = asyncio.create_task(self._look(job_id))
            self._looking[job_id] = task
            task.add_done_callback(lambda _: self._looking.pop(job_id))
        return await asyncio.shield(self._looking[job_id])

    async def _look(self, job_id: str) -> LoadedModel:
        deadline = time.monotonic() + TIMEOUT_S
        while time.monotonic() < deadline:
            if seen := await run_in_threadpool(self._find, job_id):
                self._keep(job_id, seen)
                return seen.served
            await asyncio.sleep(POLL_S)
        raise WorkerTimeout(
            f"The training process of {job_id!r} did not show its weights within {TIMEOUT_S:g} seconds."
        )

    def _keep(self, job_id: str, seen: _Seen) -> None:
        self._seen[job_id] = seen
        self._seen.move_to_end(job_id)
        while len(self._seen) > CAPACITY:
            self._seen.popitem(last=False)

    def _find(self, job_id: str) -> _Seen | None:
        """One look; None where the worker is still to show what is asked for."""
        worked = time.thread_time()
        served = self._newest(job_id)
        if served is None:
            return None
        lasts_s = max(FRESH_S, (time.thread_time() - worked) / LARGEST_SHARE)
        return _Seen(served=served, until=time.monotonic() + lasts_s)

    def _newest(self, job_id: str) -> LoadedModel | None:
        job = self._services.jobs.get(job_id)
        if job.status not in LIVE:
            return self._last(job)
        token, snapshot = self._services.watches.watch(job_id), self._services.snapshots.read(job_id)
        if snapshot is None or (snapshot.token, snapshot.attempt) != (token, job.attempt):
            return None
        network = naivenet.from_safetensors(snapshot.weights)
        return LoadedModel(job_id=job_id, step=snapshot.step, network=network)

    def _last(self, job: Job) -> LoadedModel:
        last = self._services.checkpoints.last_of(job.id)
        if last is None:
            why = "waits for its turn" if job.status is Status.QUEUED else "ended before it saved any"
            raise NothingToServe(f"The job {job.id!r} has no weights: it {why}.")
        return LoadedModel(checkpoint_id=last.id, job_id=job.id, step=last.step, network=self._registry.load(last))
