"""A checkpoint: saved weights, and the names of its files."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import naivenet


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """The weights of a network at one step. The blob store holds their bytes.

    Attributes:
        job_id: The job that trained the weights; None for an upload.
        metrics: By name, such as ``test_accuracy``; empty if none were measured.
        bytes: The size of the safetensors file.
        sha256: The digest of the safetensors file, in hexadecimal.
        resumable: Whether the training state is stored beside the weights, so that training can resume exactly.
        automatic: Whether it was saved within an epoch by time, to resume from; the job's next checkpoint replaces it.
        shipped: Whether it came with the package.
        created_by: The id of the API key that uploaded it; None for a job's checkpoint, which has the job's key.
        state_sha256: The digest of the training state; None if there is none.
        test_set: The digest of the test set on which the *metrics* were measured; None if they were not, or it is not
            known.
    """

    id: str
    job_id: str | None
    step: int | None
    epoch: int | None
    network: naivenet.Network
    metrics: Mapping[str, float]
    bytes: int
    sha256: str
    resumable: bool
    created_at: datetime
    state_sha256: str | None = None
    created_by: str | None = None
    automatic: bool = False
    shipped: bool = False
    test_set: str | None = None

    @property
    def weights_blob(self) -> str:
        """The name of the weights' file in the blob store."""
        return weights_blob_of(self.id)

    @property
    def state_blob(self) -> str:
        """The name of the training state's file in the blob store."""
        return f"{self.id}.state.safetensors"

    def derived_blob(self, kind: str) -> str:
        """Return the name of a file that was computed from the weights; *kind* is a key of `DERIVED`."""
        return DERIVED[kind].format(self.id)


def weights_blob_of(checkpoint_id: str) -> str:
    """Return the name of the weights' file of a checkpoint."""
    return f"{checkpoint_id}.safetensors"


#: Cached files that can be computed again. Increase the number in the name when the computation changes.
DERIVED: Mapping[str, str] = {
    "evaluation": "{}.evaluation-2.json",
    "npz": "{}.export-1.npz",
    "keras": "{}.export-2.keras",
    "onnx": "{}.export-2.onnx",
    "savedmodel": "{}.export-1.savedmodel.zip",
}


def blobs_of(checkpoint_id: str) -> list[str]:
    """Return the names of all files that a checkpoint may have in the blob store."""
    own = ("{}.safetensors", "{}.state.safetensors")
    return [name.format(checkpoint_id) for name in (*own, *DERIVED.values())]
