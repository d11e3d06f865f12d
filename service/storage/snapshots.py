"""A running job's weights as its worker last showed them: one blob a job, replaced whole, gone when it ends."""

from dataclasses import dataclass

import naivenet
from service.errors import CorruptCheckpoint
from service.storage.blobs import BlobStore


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """Weights at one step.

    Attributes:
        attempt: Which attempt at the job trained them.
        token: Of the watch for which they were written.
        weights: As safetensors.
    """

    attempt: int
    token: str
    step: int
    weights: bytes


class SnapshotStore:
    """The newest weights of each running job that somebody asks about."""

    def __init__(self, blobs: BlobStore) -> None:
        self._blobs = blobs

    def pack(self, model: naivenet.NaiveSequential, *, attempt: int, token: str, step: int) -> bytes:
        """The bytes of a snapshot; the model may train on while they are written."""
        told = {"attempt": str(attempt), "token": token, "step": str(step)}
        return naivenet.to_safetensors(model, metadata=told)

    def write(self, job_id: str, packed: bytes) -> None:
        """Replace the job's snapshot. It need not outlast a power cut, as no worker does."""
        self._blobs.write(_name(job_id), packed, durable=False)

    def read(self, job_id: str) -> Snapshot | None:
        """The job's snapshot; None where there is none."""
        try:
            data = self._blobs.read(_name(job_id))
        except CorruptCheckpoint:
            return None
        told = naivenet.read_metadata(data)
        return Snapshot(attempt=int(told["attempt"]), token=told["token"], step=int(told["step"]), weights=data)

    def delete(self, job_id: str) -> None:
        """Remove the job's snapshot."""
        self._blobs.delete(_name(job_id))


def _name(job_id: str) -> str:
    return f"live-{job_id}.safetensors"
