"""Keeps models loaded for prediction, and swaps them atomically when an alias moves to another version."""

import logging
import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

import naivenet
from service.domain.checkpoint import Checkpoint
from service.domain.model import Model, Version
from service.errors import NotFound, NothingToServe, ServiceError
from service.inference.answers.predictor import Predictor
from service.inference.answers.quick_network import QuickNetwork
from service.storage.weights import INPUT_SIZE, WeightStore
from service.store import CheckpointStore, ModelStore

logger = logging.getLogger(__name__)

#: Size of the LRU cache of networks requested by version or checkpoint; one takes up to 1.6 MB. The versions that
#: aliases point at are kept beside it, and freed when the alias moves: newly trained versions must not pile up.
CAPACITY = 32


@dataclass(frozen=True, kw_only=True)
class LoadedModel:
    """A network ready to predict, and where it came from.

    Attributes:
        model: Name of the model; None, as *version* is, if it was requested by checkpoint or by job.
        checkpoint_id: None for a job's live weights, which are in no checkpoint.
        job_id: Set if it was requested by job.
        step: The job's step at which it had these weights.
    """

    model: str | None = None
    version: int | None = None
    checkpoint_id: str | None = None
    job_id: str | None = None
    step: int | None = None
    network: naivenet.NaiveSequential

    @cached_property
    def quick(self) -> QuickNetwork:
        """The network, quick for one image."""
        return QuickNetwork(self.network)

    @cached_property
    def predictor(self) -> Predictor:
        """The predictor on this network."""
        return Predictor(model=self.quick)

    def source(self) -> dict[str, str | int | None]:
        """Return where the network came from, ready for JSON."""
        source = {"model": self.model, "version": self.version, "checkpoint_id": self.checkpoint_id}
        return source if self.job_id is None else {**source, "job_id": self.job_id, "step": self.step}


class Registry:
    """Finds the network that a request names, and loads it if needed.

    Args:
        models: Maps a name to a checkpoint.
        checkpoints: Has the checkpoint's metadata.
        weights: Has its bytes.
    """

    def __init__(self, models: ModelStore, checkpoints: CheckpointStore, weights: WeightStore) -> None:
        self._models, self._checkpoints, self._weights = models, checkpoints, weights
        self._aliased: dict[tuple[str, str], LoadedModel] = {}
        self._versions: dict[tuple[str, int], LoadedModel] = {}
        self._loaded: OrderedDict[str, naivenet.NaiveSequential] = OrderedDict()
        self._lock, self._refreshing = threading.Lock(), threading.Lock()

    def aliased(self, model: str, alias: str) -> LoadedModel | None:
        """Return what the alias pointed at in the last refresh; from memory alone."""
        return self._aliased.get((model, alias))

    def versioned(self, model: str, number: int) -> LoadedModel | None:
        """Return a version that was requested before or that an alias points at; from memory alone."""
        return self._versions.get((model, number))

    def refresh(self) -> None:
        """Look up every alias, load and warm up new versions, then swap all at once: no request waits or sees a mix.

        One refresh runs at a time: one that started before an alias moved must not overwrite a later one.
        """
        with self._refreshing:
            aliased = dict(self._load_aliased())
            self._aliased = aliased
            self._versions = {(each.model or "", each.version or 0): each for each in aliased.values()}

    def by_alias(self, model: str, alias: str) -> LoadedModel:
        """Return what the alias points at now.

        Raises:
            NotFound: There is no such model or alias.
            NothingToServe: The model has no version yet.
        """
        self.refresh()
        if loaded := self.aliased(model, alias):
            return loaded
        if not self._models.get(model).versions:
            raise NothingToServe(f"The model {model!r} has no version yet: train a job, or add a checkpoint to it.")
        raise NotFound("alias", f"{model}/{alias}")

    def by_version(self, model: str, number: int) -> LoadedModel:
        """Return a version of a model.

        Raises:
            NotFound: There is no such model or version.
        """
        version = version_of(self._models.get(model), number)
        loaded = _loaded_model(version, self.load(self._checkpoints.get(version.checkpoint_id)))
        self._versions[model, number] = loaded  # a version never changes
        return loaded

    def by_checkpoint(self, checkpoint_id: str) -> LoadedModel:
        """Return a checkpoint, which need not be a version of a model.

        Raises:
            NotFound: There is no such checkpoint.
        """
        network = self.load(self._checkpoints.get(checkpoint_id))
        return LoadedModel(checkpoint_id=checkpoint_id, network=network)

    def load(self, checkpoint: Checkpoint) -> naivenet.NaiveSequential:
        """Return the checkpoint's network, from memory if it is loaded.

        Raises:
            CorruptCheckpoint: Its bytes are missing or damaged.
        """
        network = self._read(checkpoint)
        with self._lock:
            self._loaded[checkpoint.id] = network
            self._loaded.move_to_end(checkpoint.id)
            while len(self._loaded) > CAPACITY:
                self._loaded.popitem(last=False)
        return network

    def _read(self, checkpoint: Checkpoint) -> naivenet.NaiveSequential:
        with self._lock:
            if network := self._loaded.get(checkpoint.id):
                return network
        network = self._weights.load(checkpoint)
        network(np.zeros((1, INPUT_SIZE), np.float32))  # the first multiplication sets up the BLAS library
        return network

    def _load_aliased(self) -> Iterator[tuple[tuple[str, str], LoadedModel]]:
        for model in self._models.all():
            versions = {version.version: version for version in model.versions}
            for alias in model.aliases:
                key = model.name, alias.alias
                if loaded := self._load_or_none(versions[alias.version]) or self._aliased.get(key):
                    yield key, loaded

    def _load_or_none(self, version: Version) -> LoadedModel | None:
        """Return the version loaded; None if it is damaged: its alias keeps the old one, and the others are loaded."""
        if loaded := self._versions.get((version.model, version.version)):
            return loaded
        try:
            return _loaded_model(version, self._read(self._checkpoints.get(version.checkpoint_id)))
        except ServiceError:
            logger.exception("version %d of %s cannot be loaded", version.version, version.model)
            return None


def _loaded_model(version: Version, network: naivenet.NaiveSequential) -> LoadedModel:
    return LoadedModel(
        model=version.model, version=version.version, checkpoint_id=version.checkpoint_id, network=network
    )


def version_of(model: Model, number: int) -> Version:
    """Return the version of a model with that number.

    Raises:
        NotFound: There is no such version.
    """
    for version in model.versions:
        if version.version == number:
            return version
    raise NotFound("version", f"{model.name}/{number}")
