"""Evaluates checkpoints on their test images: once, in a thread, and then stored beside the weights."""

import asyncio

from starlette.concurrency import run_in_threadpool

import naivenet
from service.api.schemas.evaluations import EvaluationOut
from service.api.store_threads import StoreThreads
from service.composition import Services
from service.domain.checkpoint import Checkpoint
from service.errors import CorruptCheckpoint, InvalidInput, NotFound
from service.inference.answers.evaluation import evaluate
from service.inference.answers.registry import Registry
from service.jobs import datasets


class Evaluations:
    """Evaluates checkpoints, one at a time.

    Args:
        services: The stores of checkpoints, jobs and blobs.
        registry: Loads the networks of checkpoints.
        store_threads: Where the checkpoint store is called.
    """

    def __init__(self, services: Services, registry: Registry, store_threads: StoreThreads) -> None:
        self._services, self._registry, self._store_threads = services, registry, store_threads
        self._one_at_a_time = asyncio.Lock()  # not a thread's lock: waiting requests would fill the thread pool

    async def get(self, checkpoint_id: str) -> bytes:
        """Return the evaluation, as JSON.

        Raises:
            NotFound: There is no such checkpoint, or its dataset was removed.
        """
        checkpoint = await run_in_threadpool(self._services.checkpoints.get, checkpoint_id)
        async with self._one_at_a_time:
            return await self._store_threads.run_long(self._stored, checkpoint)

    def _stored(self, checkpoint: Checkpoint) -> bytes:
        name, blobs = checkpoint.derived_blob("evaluation"), self._services.blobs
        try:
            return blobs.read(name)
        except CorruptCheckpoint:  # not stored yet, or damaged
            data = self._evaluate(checkpoint).model_dump_json().encode()
            blobs.write(name, data)
            return data

    def _evaluate(self, checkpoint: Checkpoint) -> EvaluationOut:
        dataset = self._services.jobs.get(checkpoint.job_id).config.dataset if checkpoint.job_id else datasets.BUILT_IN
        try:
            data = datasets.load(self._services.settings.resolved_datasets_dir, dataset)
        except (InvalidInput, naivenet.DatasetError) as error:
            raise NotFound("dataset", dataset) from error
        evaluation = evaluate(self._registry.load(checkpoint), data.x_test, data.y_test)
        return EvaluationOut(checkpoint_id=checkpoint.id, dataset=dataset, **evaluation)
