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
from service.jobs.runs import evaluated_set


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

    async def get(self, checkpoint_id: str, *, dataset: str | None = None) -> bytes:
        """Return the evaluation on the checkpoint's own dataset, or on the newest version of another one, as JSON.

        Raises:
            NotFound: There is no such checkpoint or dataset, or the dataset has no pictures.
        """
        checkpoint = await run_in_threadpool(self._services.checkpoints.get, checkpoint_id)
        async with self._one_at_a_time:
            if dataset is None:
                return await self._store_threads.run_long(self._stored, checkpoint)
            return await self._store_threads.run_long(self._on_another, checkpoint, dataset)

    def _stored(self, checkpoint: Checkpoint) -> bytes:
        name, blobs = checkpoint.derived_blob("evaluation"), self._services.blobs
        try:
            return blobs.read(name)
        except CorruptCheckpoint:  # not stored yet, or damaged
            data = self._evaluate(checkpoint, *self._own_dataset(checkpoint))
            blobs.write(name, data)
            return data

    def _own_dataset(self, checkpoint: Checkpoint) -> tuple[str, int | None]:
        """Return name and version of the dataset on which the checkpoint's job is measured; of an upload, MNIST."""
        if checkpoint.job_id is None:
            return datasets.BUILT_IN, None
        config = self._services.jobs.get(checkpoint.job_id).config
        return config.dataset, config.dataset_version

    def _on_another(self, checkpoint: Checkpoint, dataset: str) -> bytes:
        return self._evaluate(checkpoint, dataset, datasets.find(self._services, dataset).version)

    def _evaluate(self, checkpoint: Checkpoint, dataset: str, version: int | None) -> bytes:
        try:
            chosen = evaluated_set(dataset, datasets.load_version(self._services, dataset, version))
        except (InvalidInput, naivenet.DatasetError) as error:
            raise NotFound("dataset", dataset) from error
        images, labels = chosen.samples
        if not len(images):
            raise NotFound("picture in the dataset", dataset)
        evaluation = evaluate(self._registry.load(checkpoint), images, labels)
        found = EvaluationOut(
            checkpoint_id=checkpoint.id, dataset=dataset, dataset_version=version, split=chosen.split, **evaluation
        )
        return found.model_dump_json().encode()
