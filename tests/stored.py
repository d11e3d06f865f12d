"""Losses, epochs and checkpoints for tests that fill a store without training a network."""

from array import array
from datetime import UTC, datetime

import numpy as np

import naivenet
from service.domain.checkpoint import Checkpoint
from service.domain.history import EpochPoint, LossChunk
from service.domain.ids import new_id

STEPS_PER_EPOCH = 4


def chunk(first_step: int, last_step: int) -> LossChunk:
    """Return losses that equal their steps."""
    epoch = (first_step - 1) // STEPS_PER_EPOCH + 1
    return LossChunk(first_step=first_step, epoch=epoch, losses=array("f", range(first_step, last_step + 1)))


def epoch(number: int, *, test_accuracy: float | None = 0.5) -> EpochPoint:
    """Return the metrics of an epoch."""
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


def checkpoint(
    job_id: str | None = None, *, step: int | None = None, accuracy: float | None = None, test_set: str | None = None
) -> Checkpoint:
    """Return a checkpoint for a test that reads no bytes; none are stored."""
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
        test_set=test_set,
    )


def notebook_weights() -> naivenet.NaiveSequential:
    """Return the notebook's network with all weights equal."""
    network = naivenet.NOTEBOOK_NETWORK
    return network.with_weights([np.full(shape, 0.01, np.float32) for shape in network.shapes(784)])
