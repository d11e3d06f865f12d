"""Finds the newest weights of a job, for predictions while it trains."""

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass

import naivenet
from service.api.shared_calls import SharedCalls
from service.api.store_threads import StoreThreads
from service.composition import Services
from service.domain.job import LIVE, Job, Status
from service.errors import NothingToServe, WorkerTimeout
from service.inference.answers.registry import LoadedModel, Registry

#: How long weights count as fresh before a request reads newer ones, in seconds.
FRESH_S = 0.1

#: How long to wait for a worker's first snapshot, and how often to poll for it, in seconds.
TIMEOUT_S, POLL_S = 20.0, 0.05

#: The largest share of time that may go into reading weights: those of a very large network are read less often.
LARGEST_SHARE = 0.1

#: How many jobs' weights stay loaded.
CAPACITY = 16


@dataclass(frozen=True, kw_only=True)
class _CachedWeights:
    """A job's weights, and until when they count as fresh (by the monotonic clock)."""

    served: LoadedModel
    until: float


class LiveWeights:
    """A cache of the newest weights of jobs; concurrent requests for the same job share one lookup.

    Args:
        services: The stores of jobs, of snapshots, and of requests for snapshots.
        registry: Loads the networks of checkpoints.
        store_threads: Where the checkpoint store is called.
    """

    def __init__(self, services: Services, registry: Registry, store_threads: StoreThreads) -> None:
        self._services, self._registry, self._store_threads = services, registry, store_threads
        self._cache: OrderedDict[str, _CachedWeights] = OrderedDict()
        self._shared_look_up = SharedCalls(self._look_up)

    async def newest(self, job_id: str) -> LoadedModel:
        """Return the newest snapshot of a job that trains; the last checkpoint of any other job.

        Raises:
            NotFound: There is no such job.
            NothingToServe: The job is queued, or ended before it saved a checkpoint.
            WorkerTimeout: The job's worker wrote no snapshot in time.
        """
        cached = self._cache.get(job_id)
        if cached and time.monotonic() < cached.until:
            return cached.served
        return await self._shared_look_up(job_id)

    async def _look_up(self, job_id: str) -> LoadedModel:
        deadline = time.monotonic() + TIMEOUT_S
        while time.monotonic() < deadline:
            if found := await self._store_threads.run(self._read, job_id):
                self._keep(job_id, found)
                return found.served
            await asyncio.sleep(POLL_S)
        raise WorkerTimeout(
            f"The worker of job {job_id!r} wrote no snapshot within {TIMEOUT_S:g} seconds; retry later."
        )

    def _keep(self, job_id: str, weights: _CachedWeights) -> None:
        self._cache[job_id] = weights
        self._cache.move_to_end(job_id)
        while len(self._cache) > CAPACITY:
            self._cache.popitem(last=False)

    def _read(self, job_id: str) -> _CachedWeights | None:
        """Read the newest weights once; None while the worker has written no snapshot yet."""
        began_s = time.thread_time()
        served = self._newest(job_id)
        if served is None:
            return None
        fresh_s = max(FRESH_S, (time.thread_time() - began_s) / LARGEST_SHARE)
        return _CachedWeights(served=served, until=time.monotonic() + fresh_s)

    def _newest(self, job_id: str) -> LoadedModel | None:
        job = self._services.jobs.get(job_id)
        if job.status not in LIVE:
            return self._last_checkpoint(job)
        token, snapshot = self._services.watches.watch(job_id), self._services.snapshots.read(job_id)
        if snapshot is None or (snapshot.token, snapshot.attempt) != (token, job.attempt):
            return None
        network = naivenet.from_safetensors(snapshot.weights)
        return LoadedModel(job_id=job_id, step=snapshot.step, network=network)

    def _last_checkpoint(self, job: Job) -> LoadedModel:
        last = self._services.checkpoints.last_of(job.id)
        if last is None:
            reason = "is still queued" if job.status is Status.QUEUED else "ended before it saved a checkpoint"
            raise NothingToServe(f"The job {job.id!r} has no weights: it {reason}.")
        return LoadedModel(checkpoint_id=last.id, job_id=job.id, step=last.step, network=self._registry.load(last))
