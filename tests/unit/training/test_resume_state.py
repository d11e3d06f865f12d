"""The resume state in a checkpoint's metadata, in the format of version 0.1.0."""

import pytest

from service.errors import CorruptCheckpoint
from service.training.worker.early_stopping import EarlyStoppingState
from service.training.worker.resume_state import ResumeState

STATE = ResumeState(
    learning_rate=0.1,
    momentum=0.9,
    early_stopping=EarlyStoppingState(best=1.5, best_epoch=2, epochs=1),
    reported_conditions=(("dead_layer", 0), ("one_class", None)),
)
METADATA = {
    "memory": '{"learning_rate":0.1,"momentum":0.9,"waiting":{"best":1.5,"best_epoch":2,"epochs":1},'
    '"told":[["dead_layer",0],["one_class",null]]}'
}


def test_the_format_has_not_changed() -> None:
    """Old and new code read each other's checkpoints: the names in the file stay, whatever Python calls them."""
    assert STATE.metadata() == METADATA
    assert ResumeState.from_metadata(METADATA) == STATE


def test_metadata_without_a_state_gives_an_empty_one() -> None:
    """The state file of a run outside the service has no such metadata."""
    assert ResumeState.from_metadata({}) == ResumeState()


def test_an_invalid_state_is_a_corrupt_checkpoint() -> None:
    """The error names the metadata, so that the worker tries the checkpoint before it."""
    with pytest.raises(CorruptCheckpoint, match="'memory'"):
        ResumeState.from_metadata({"memory": "{"})
