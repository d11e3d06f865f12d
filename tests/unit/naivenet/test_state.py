"""What an optimizer remembers and where a run stands, as bytes."""

import numpy as np
import pytest
import safetensors.numpy

from naivenet import CheckpointError, Position, from_state, to_state


@pytest.mark.parametrize("loss_sum", [0.1 + 0.2, 1e300, float("inf"), 0.0])
def test_a_state_comes_back_exactly(loss_sum: float) -> None:
    """Slots, counts and the sum of losses survive to the last bit."""
    slots = [np.array(7, np.int64), np.random.default_rng(0).random((4, 3), dtype=np.float32)]
    position = Position(step=5, correct=3, loss_sum=loss_sum, within_epoch=True)
    read, where = from_state(to_state(slots, position))
    assert where == position
    assert [(slot.dtype, slot.shape, slot.tobytes()) for slot in read] == [
        (slot.dtype, slot.shape, slot.tobytes()) for slot in slots
    ]


def test_a_state_that_is_not_a_number_comes_back() -> None:
    """A run whose losses left the numbers behind can be gone on with as well."""
    _, where = from_state(to_state([], Position(step=5, loss_sum=float("nan"))))
    assert np.isnan(where.loss_sum)


@pytest.mark.parametrize(
    ("metadata", "slots", "message"),
    [
        ({}, {}, "does not say that it is naivenet-state"),
        ({"format": "naivenet-state", "version": "1"}, {}, "does not say where the run stood"),
        (
            {"format": "naivenet-state", "version": "1", "step": "x", "correct": "1", "loss_sum": "0x0p+0"},
            {},
            "does not say where the run stood",
        ),
        ({"format": "naivenet-state", "version": "1"}, {"slots.1": np.zeros(1, "f4")}, "missing slots.0"),
    ],
    ids=["foreign", "nowhere", "no-number", "gap"],
)
def test_what_is_no_state_is_refused(metadata: dict[str, str], slots: dict[str, np.ndarray], message: str) -> None:
    """A file that is something else, or lacks something, is refused, saying what."""
    with pytest.raises(CheckpointError, match=message):
        from_state(safetensors.numpy.save(slots, metadata=metadata or None))
