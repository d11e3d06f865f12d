"""Snapshots of live weights: one file per running job, replaced atomically, and deleted when the job ends."""

from dataclasses import dataclass

import naivenet
from service.errors import CorruptCheckpoint
from service.storage.blobs import BlobStore

#: The prefix of the names of snapshots.
SNAPSHOT = "live-"


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """The weights of a running job at one step.

    Attributes:
        attempt: The attempt that trained them.
        token: The token of the watch for which they were written.
        weights: The safetensors file.
    """

    attempt: int
    token: str
    step: int
    weights: bytes


class SnapshotStore:
    """The newest snapshot of each running job that is watched."""

    def __init__(self, blobs: BlobStore) -> None:
        self._blobs = blobs

    def pack(self, model: naivenet.NaiveSequential, *, attempt: int, token: str, step: int) -> bytes:
        """Return the bytes of a snapshot. The model may train on while they are written."""
        about = {"attempt": str(attempt), "token": token, "step": str(step)}
        return naivenet.to_safetensors(model, metadata=about)

    def write(self, job_id: str, packed: bytes) -> None:
        """Replace the job's snapshot, without syncing it to disk: no worker survives a power cut either."""
        self._blobs.write(_name(job_id), packed, durable=False)

    def read(self, job_id: str) -> Snapshot | None:
        """Return the job's snapshot; None if there is none."""
        try:
            data = self._blobs.read(_name(job_id))
        except CorruptCheckpoint:
            return None
        metadata = naivenet.read_metadata(data)
        return Snapshot(
            attempt=int(metadata["attempt"]), token=metadata["token"], step=int(metadata["step"]), weights=data
        )

    def delete(self, job_id: str) -> None:
        """Delete the job's snapshot."""
        self._blobs.delete(_name(job_id))


def _name(job_id: str) -> str:
    return f"{SNAPSHOT}{job_id}.safetensors"
