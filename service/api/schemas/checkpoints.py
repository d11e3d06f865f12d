"""Checkpoints in responses."""

from datetime import datetime

from pydantic import Field

import naivenet
from service.api.schemas.common import CHECKPOINT_ID, JOB_ID, Wire
from service.domain.checkpoint import Checkpoint


class CheckpointOut(Wire):
    """A saved weight list."""

    id: str = Field(examples=[CHECKPOINT_ID])
    job_id: str | None = Field(examples=[JOB_ID])
    step: int | None
    epoch: int | None
    network: naivenet.Network
    metrics: dict[str, float | None]
    bytes: int
    sha256: str
    resumable: bool
    created_at: datetime
    automatic: bool = Field(
        description="Whether it was saved within an epoch by `checkpoint_every_s`; the next checkpoint replaces it."
    )

    shipped: bool = Field(description="Whether it came with the package; then no job of this service trained it.")

    @classmethod
    def of(cls, checkpoint: Checkpoint) -> "CheckpointOut":
        """Return *checkpoint* as the API shows it."""
        return cls.model_construct(**{name: getattr(checkpoint, name) for name in cls.model_fields})
