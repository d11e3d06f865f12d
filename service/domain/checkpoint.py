"""A saved weight list and what is known of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import naivenet


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """The weights of a network at one moment; the bytes lie in the blob store under *id*.

    Attributes:
        job_id: The job that trained them; None for an upload.
        metrics: Such as ``test_accuracy``; empty where none were taken.
        bytes: Of the safetensors form.
        sha256: Of the safetensors form, in hexadecimal.
        resumable: Whether the optimizer's state is kept beside the weights, so that training can go on exactly.
        created_by: The id of the key that it was uploaded with; of a job's checkpoints, the job says it.
        state_sha256: Of that state; None where there is none.
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

    @property
    def weights_blob(self) -> str:
        """The name of the weights in the blob store."""
        return f"{self.id}.safetensors"

    @property
    def state_blob(self) -> str:
        """The name of the optimizer's state in the blob store."""
        return f"{self.id}.state.safetensors"

    def derived_blob(self, kind: str) -> str:
        """The name of what was worked out of the weights, and kept: one of `DERIVED`."""
        return DERIVED[kind].format(self.id)


#: What is kept beside a checkpoint and can be worked out again; who changes how counts the number up.
DERIVED: Mapping[str, str] = {
    "evaluation": "{}.evaluation-1.json",
    "keras": "{}.export-1.keras",
    "onnx": "{}.export-1.onnx",
    "savedmodel": "{}.export-1.savedmodel.zip",
}


def blobs_of(checkpoint_id: str) -> list[str]:
    """Every name under which a checkpoint may have bytes in the blob store."""
    own = ("{}.safetensors", "{}.state.safetensors")
    return [name.format(checkpoint_id) for name in (*own, *DERIVED.values())]
