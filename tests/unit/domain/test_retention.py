"""Retention: which of a job's checkpoints are deleted."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

import naivenet
from service.domain.checkpoint import Checkpoint
from service.domain.retention import Retention, dispensable

LOSSES = [0.9, 0.3, 0.5, 0.3, 0.7, 0.8]


def checkpoint(epoch: int, loss: float, *, resumable: bool = True) -> Checkpoint:
    """Return the checkpoint of the end of an epoch."""
    return Checkpoint(
        id=f"ckpt_{epoch}",
        job_id="job_1",
        step=epoch * 10,
        epoch=epoch,
        network=naivenet.NOTEBOOK_NETWORK,
        metrics={"test_loss": loss, "test_accuracy": 1 - loss},
        bytes=1,
        sha256="",
        resumable=resumable,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


CHECKPOINTS = [checkpoint(epoch, loss) for epoch, loss in enumerate(LOSSES, start=1)]


@pytest.mark.parametrize("monitor", ["test_loss", "test_accuracy"])
@pytest.mark.parametrize(
    ("keep_last", "keep_best", "kept"),
    [
        (None, None, {1, 2, 3, 4, 5, 6}),
        (1, None, {2, 6}),
        (3, None, {2, 4, 5, 6}),
        (None, 1, {2, 6}),
        (None, 3, {2, 3, 4, 6}),
        (2, 2, {2, 4, 5, 6}),
        (9, 9, {1, 2, 3, 4, 5, 6}),
    ],
)
def test_the_newest_and_the_best_stay(
    monitor: str, keep_last: int | None, keep_best: int | None, kept: set[int]
) -> None:
    """The newest and the best checkpoints stay, at least one of each; of two equally good ones the earlier stays."""
    retention = Retention(keep_last=keep_last, keep_best=keep_best, monitor=monitor)
    gone = {each.epoch for each in dispensable(CHECKPOINTS, retention)}
    assert {each.epoch for each in CHECKPOINTS} - gone == kept


def test_the_last_resumable_checkpoint_stays() -> None:
    """The newest checkpoint from which training can resume stays, also if newer ones have no training state."""
    newer = [checkpoint(epoch, 0.1, resumable=False) for epoch in (7, 8)]
    retention = Retention(keep_last=1, keep_best=1, monitor="test_loss")
    gone = {each.epoch for each in dispensable([*CHECKPOINTS, *newer], retention)}
    assert gone == {1, 2, 3, 4, 5}


def automatic(step: int) -> Checkpoint:
    """Return a checkpoint that was saved within an epoch by time."""
    made = checkpoint(1, 0.0)
    return replace(made, id=f"ckpt_{step}", step=step, epoch=step // 10 + 1, metrics={}, automatic=True)


@pytest.mark.parametrize("keep_last", [None, 1])
def test_of_automatic_checkpoints_only_the_newest_stays_until_the_next_regular_one(keep_last: int | None) -> None:
    """It does not count as one of those to keep; once a regular one is newer, no automatic one stays."""
    retention = Retention(keep_last=keep_last, keep_best=keep_last, monitor="test_loss")
    within = [automatic(23), automatic(26)]
    gone = dispensable([*CHECKPOINTS[:2], *within], retention)
    assert [each.step for each in gone] == ([23] if keep_last is None else [23, 10])
    gone = dispensable([*CHECKPOINTS[:3], *within], retention)
    assert {each.step for each in gone if each.automatic} == {23, 26}
