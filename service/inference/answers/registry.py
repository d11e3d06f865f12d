"""The models that are loaded: what an alias points at is looked up in place, and swapped whole when it moves."""

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
from service.storage.weights import INPUT_SIZE, WeightStore
from service.store import CheckpointStore, ModelStore

logger = logging.getLogger(__name__)

#: Networks that stay loaded because they were asked for, the least lately used leaving first; one may take 1.6 MB.
#: What an alias points at is loaded beside them, and goes when it moves on: trained versions must not pile up.
CAPACITY = 32


@dataclass(frozen=True, kw_only=True)
class LoadedModel:
    """A network that answers, and under which name it does.

    Attributes:
        model: None where it was asked for by checkpoint or by job; so is *version*.
        checkpoint_id: None where a job's weights were answered that no checkpoint holds.
        job_id: Where it was asked for by job.
        step: Of the job, at which it had these weights.
    """

    model: str | None = None
    version: int | None = None
    checkpoint_id: str | None = None
    job_id: str | None = None
    step: int | None = None
    network: naivenet.NaiveSequential

    @cached_property
    def predictor(self) -> Predictor:
        """What asks the network."""
        return Predictor(model=self.network)

    def source(self) -> dict[str, str | int | None]:
        """Whose answer it is, ready for JSON."""
        told = {"model": self.model, "version": self.version, "checkpoint_id": self.checkpoint_id}
        return told if self.job_id is None else {**told, "job_id": self.job_id, "step": self.step}


class Registry:
    """Finds the network that a request means.

    Args:
        models: Says which checkpoint a name means.
        checkpoints: Says what is known of it.
        weights: Has its bytes.
    """

    def __init__(self, models: ModelStore, checkpoints: CheckpointStore, weights: WeightStore) -> None:
        self._models, self._checkpoints, self._weights = models, checkpoints, weights
        self._aliased: dict[tuple[str, str], LoadedModel] = {}
        self._versions: dict[tuple[str, int], LoadedModel] = {}
        self._loaded: OrderedDict[str, naivenet.NaiveSequential] = OrderedDict()
        self._lock, self._refreshing = threading.Lock(), threading.Lock()

    def aliased(self, model: str, alias: str) -> LoadedModel | None:
        """What an alias pointed at when it was last looked up; it touches nothing but memory."""
        return self._aliased.get((model, alias))

    def versioned(self, model: str, number: int) -> LoadedModel | None:
        """A version that was asked for before, or that an alias points at; it touches nothing but memory."""
        return self._versions.get((model, number))

    def refresh(self) -> None:
        """Look up every alias, load what is new and warm it up, then switch: no request ever waits, or meets a half.

        One look at a time: one that began before an alias was moved must not end after the one that saw it.
        """
        with self._refreshing:
            aliased = dict(self._looked_up())
            self._aliased = aliased
            self._versions = {(s.model or "", s.version or 0): s for s in aliased.values()}  # the others may go

    def by_alias(self, model: str, alias: str) -> LoadedModel:
        """What an alias points at now.

        Raises:
            NotFound: There is no such model or alias.
            NothingToServe: The model has no version yet.
        """
        self.refresh()
        if served := self.aliased(model, alias):
            return served
        if not self._models.get(model).versions:
            raise NothingToServe(f"The model {model!r} has no version yet: train a job, or add a checkpoint to it.")
        raise NotFound("alias", f"{model}/{alias}")

    def by_version(self, model: str, number: int) -> LoadedModel:
        """A version of a model.

        Raises:
            NotFound: There is none of that number.
        """
        version = version_of(self._models.get(model), number)
        served = _served(version, self.load(self._checkpoints.get(version.checkpoint_id)))
        self._versions[model, number] = served  # a version never changes
        return served

    def by_checkpoint(self, checkpoint_id: str) -> LoadedModel:
        """A checkpoint that need be no model's version.

        Raises:
            NotFound: There is none of that id.
        """
        network = self.load(self._checkpoints.get(checkpoint_id))
        return LoadedModel(checkpoint_id=checkpoint_id, network=network)

    def load(self, checkpoint: Checkpoint) -> naivenet.NaiveSequential:
        """The checkpoint's network, from memory if it is there.

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

    def _looked_up(self) -> Iterator[tuple[tuple[str, str], LoadedModel]]:
        for model in self._models.all():
            versions = {version.version: version for version in model.versions}
            for alias in model.aliases:
                key = model.name, alias.alias
                if served := self._try(versions[alias.version]) or self._aliased.get(key):
                    yield key, served

    def _try(self, version: Version) -> LoadedModel | None:
        """One that is damaged keeps nobody else from being served; its alias stays where it was."""
        if served := self._versions.get((version.model, version.version)):
            return served
        try:
            return _served(version, self._read(self._checkpoints.get(version.checkpoint_id)))
        except ServiceError:
            logger.exception("version %d of %s cannot be loaded", version.version, version.model)
            return None


def _served(version: Version, network: naivenet.NaiveSequential) -> LoadedModel:
    return LoadedModel(
        model=version.model, version=version.version, checkpoint_id=version.checkpoint_id, network=network
    )


def version_of(model: Model, number: int) -> Version:
    """The model's version of that number.

    Raises:
        NotFound: There is none.
    """
    for version in model.versions:
        if version.version == number:
            return version
    raise NotFound("version", f"{model.name}/{number}")
