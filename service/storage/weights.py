"""Stores weights: the bytes first, then the row. Bytes are compared with their digest when they are read."""

import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import IO

import naivenet
from naivenet.storage.weights_file import WeightsFile
from service.domain.checkpoint import Checkpoint, blobs_of, weights_blob_of
from service.domain.config import ConfigLimits, check_network
from service.domain.ids import new_id
from service.errors import InvalidInput, ServiceError, Unavailable
from service.storage.blobs import BlobStore, digest
from service.storage.foreign_weights import as_safetensors
from service.store import CheckpointStore
from service.store.idempotency import IdempotencyKey

logger = logging.getLogger(__name__)

#: The number of inputs of a network: the pixels of an image.
INPUT_SIZE = naivenet.datasets.SIDE**2


class WeightStore:
    """Loads, uploads and deletes weights."""

    def __init__(self, checkpoints: CheckpointStore, blobs: BlobStore) -> None:
        self._checkpoints = checkpoints
        self._blobs = blobs

    def load(self, checkpoint: Checkpoint) -> naivenet.NaiveSequential:
        """Return the network, with its weights as NumPy arrays.

        Raises:
            CorruptCheckpoint: The bytes are missing or damaged.
        """
        return naivenet.from_safetensors(self.read(checkpoint))

    def read(self, checkpoint: Checkpoint) -> bytes:
        """Return the safetensors file, verified.

        Raises:
            CorruptCheckpoint: The bytes are missing or damaged.
        """
        return self._blobs.read(checkpoint.weights_blob, sha256=checkpoint.sha256)

    def upload(
        self,
        file: IO[bytes],
        network: naivenet.Network | None,
        limits: ConfigLimits,
        *,
        created_by: str | None = None,
        key: IdempotencyKey | None = None,
    ) -> Checkpoint:
        """Store weights that a client uploaded, if they fit *network*, or the network that the file describes.

        The file is copied in pieces: it takes little memory, whatever its size. A repeated *key* returns the first
        checkpoint.

        Raises:
            InvalidInput: They do not fit; the message names the layer and both shapes.
            IdempotencyConflict: The key was used before, with other weights.
        """
        checkpoint_id = new_id("ckpt")
        with _checkpoint_errors(), as_safetensors(file) as given:
            weights = WeightsFile(given, network, input_size=INPUT_SIZE)
            _check_fits(weights, limits)
            with self._blobs.writing(weights_blob_of(checkpoint_id)) as stored:
                measured = _MeasuredFile(stored)
                weights.copy_to(measured)
        checkpoint = Checkpoint(
            id=checkpoint_id,
            job_id=None,
            step=None,
            epoch=None,
            network=weights.network,
            metrics={},
            bytes=measured.size,
            sha256=measured.sha256,
            resumable=False,
            created_at=datetime.now(UTC),
            created_by=created_by,
        )
        added = self._checkpoints.add(checkpoint, key)
        if added.id != checkpoint_id:  # a repeated request: the first one has stored the same bytes
            self._blobs.delete(weights_blob_of(checkpoint_id))
        return added

    def write(  # noqa: PLR0913  # the fields of a checkpoint
        self,
        weights: bytes,
        *,
        network: naivenet.Network,
        state: bytes | None = None,
        job_id: str | None = None,
        step: int | None = None,
        epoch: int | None = None,
        metrics: dict[str, float] | None = None,
        created_by: str | None = None,
        automatic: bool = False,
        test_set: str | None = None,
        shipped: bool = False,
    ) -> Checkpoint:
        """Store the bytes of a new checkpoint; the caller adds the row."""
        checkpoint = Checkpoint(
            id=new_id("ckpt"),
            job_id=job_id,
            step=step,
            epoch=epoch,
            network=network,
            metrics=metrics or {},
            bytes=len(weights),
            sha256=digest(weights),
            resumable=state is not None,
            created_at=datetime.now(UTC),
            state_sha256=digest(state) if state is not None else None,
            created_by=created_by,
            automatic=automatic,
            test_set=test_set,
            shipped=shipped,
        )
        try:
            if state is not None:
                self._blobs.write(checkpoint.state_blob, state)
            self._blobs.write(checkpoint.weights_blob, weights)
        except ServiceError:  # half a checkpoint must not fill a full disk further
            self.delete_bytes(checkpoint.id)
            raise
        return checkpoint

    def read_state(self, checkpoint: Checkpoint) -> bytes:
        """Return the training state's file, verified.

        Raises:
            CorruptCheckpoint: The bytes are missing or damaged.
        """
        return self._blobs.read(checkpoint.state_blob, sha256=checkpoint.state_sha256)

    def delete(self, checkpoint_id: str) -> None:
        """Delete a checkpoint: the row first, so that every row has its bytes.

        Raises:
            NotFound: There is no checkpoint with this id.
            StillInUse: A model version or a live job needs it.
        """
        self._checkpoints.delete(checkpoint_id)
        self.delete_bytes(checkpoint_id)

    def delete_bytes(self, *checkpoint_ids: str) -> None:
        """Delete the bytes of checkpoints whose rows are deleted; after an error the sweeper collects them later."""
        for checkpoint_id in checkpoint_ids:
            try:
                self._blobs.delete(*blobs_of(checkpoint_id))
            except Unavailable as error:
                logger.warning("the bytes of the checkpoint %s are not deleted yet: %s", checkpoint_id, error)


def _check_fits(weights: WeightsFile, limits: ConfigLimits) -> None:
    if weights.input_size != INPUT_SIZE:
        raise InvalidInput.at(
            "/weights", f"The network has {weights.input_size} inputs; an image has {INPUT_SIZE} pixels."
        )
    check_network(weights.network, limits)


class _MeasuredFile:
    """A file to write that measures what is written.

    Attributes:
        size: In bytes.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._digest, self.size = file, hashlib.sha256(), 0

    @property
    def sha256(self) -> str:
        """The digest of what was written, in hexadecimal."""
        return self._digest.hexdigest()

    def write(self, data: bytes) -> None:
        """Write *data*, and measure it."""
        self._file.write(data)
        self._digest.update(data)
        self.size += len(data)


@contextmanager
def _checkpoint_errors() -> Iterator[None]:
    try:
        yield
    except naivenet.CheckpointError as error:
        raise InvalidInput.at("/weights", str(error)) from error
