"""Losses, epochs and checkpoints to fill a store with, where no network is trained."""

from array import array
from datetime import UTC, datetime

import numpy as np

import naivenet
from service.domain.checkpoint import Checkpoint
from service.domain.history import EpochPoint, LossChunk
from service.domain.ids import new_id

STEPS_PER_EPOCH = 4


def chunk(first_step: int, last_step: int) -> LossChunk:
    """Losses that equal their step."""
    epoch = (first_step - 1) // STEPS_PER_EPOCH + 1
    return LossChunk(first_step=first_step, epoch=epoch, losses=array("f", range(first_step, last_step + 1)))


def epoch(number: int, *, test_accuracy: float | None = 0.5) -> EpochPoint:
    """The figures of an epoch."""
    return EpochPoint(
        epoch=number,
        step=number * STEPS_PER_EPOCH,
        train_loss=1.0,
        train_accuracy=0.5,
        validation_loss=None,
        validation_accuracy=None,
        test_loss=1.0,
        test_accuracy=test_accuracy,
        seconds=0.1,
    )


def checkpoint(job_id: str | None = None, *, step: int | None = None, accuracy: float | None = None) -> Checkpoint:
    """A checkpoint whose bytes nobody needs."""
    return Checkpoint(
        id=new_id("ckpt"),
        job_id=job_id,
        step=step,
        epoch=None,
        network=naivenet.NOTEBOOK_NETWORK,
        metrics={} if accuracy is None else {"test_accuracy": accuracy},
        bytes=1,
        sha256="0" * 64,
        resumable=job_id is not None,
        created_at=datetime.now(UTC),
    )


def notebook_weights() -> naivenet.NaiveSequential:
    """The notebook's network on numbers that are all alike."""
    network = naivenet.NOTEBOOK_NETWORK
    return network.with_weights([np.full(shape, 0.01, np.float32) for shape in network.shapes(784)])
