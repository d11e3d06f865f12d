"""Training states as bytes: the optimizer's slots and the position of the run."""

import numpy as np
import pytest
import safetensors.numpy

from naivenet import CheckpointError, Position, from_state, to_state


@pytest.mark.parametrize("loss_sum", [0.1 + 0.2, 1e300, float("inf"), 0.0])
def test_a_state_comes_back_exactly(loss_sum: float) -> None:
    """Slots, counts and the sum of losses are read back exactly."""
    slots = [np.array(7, np.int64), np.random.default_rng(0).random((4, 3), dtype=np.float32)]
    position = Position(step=5, correct=3, loss_sum=loss_sum, within_epoch=True)
    read, where = from_state(to_state(slots, position))
    assert where == position
    assert [(slot.dtype, slot.shape, slot.tobytes()) for slot in read] == [
        (slot.dtype, slot.shape, slot.tobytes()) for slot in slots
    ]


def test_arrays_lie_where_the_library_puts_them() -> None:
    """Of slots of all dtypes, also scalars, empty ones and columns, the bytes are those of the safetensors library."""
    dtypes = ["i4", "u4", "f4", "f8", "i8", "u8"]
    slots = [np.arange(6, dtype=dtype).reshape(2, 3).T for dtype in dtypes]
    slots += [np.array(7, "i8"), np.zeros((0, 3), "f4"), np.ones(3, ">f4"), *(np.full(2, i, "f4") for i in range(3))]
    data = to_state(slots, Position())
    named = dict(zip((f"slots.{i}" for i in range(len(slots))), map(contiguous, slots), strict=True))
    library = safetensors.numpy.save(named)
    assert arrays_of(data) == arrays_of(library)
    read = safetensors.numpy.load(data)
    assert all(np.array_equal(read[name], array) and read[name].shape == array.shape for name, array in named.items())


def contiguous(array: np.ndarray) -> np.ndarray:
    """Copy an array in the order and the bytes that the library expects."""
    return np.array(array, array.dtype.newbyteorder("="), order="C")


def arrays_of(data: bytes) -> bytes:
    """Return what follows the header of a safetensors file."""
    return data[8 + int.from_bytes(data[:8], "little") :]


def test_a_slot_of_another_dtype_is_refused() -> None:
    """A slot that could not be read again is not written."""
    with pytest.raises(CheckpointError, match=r"slots\.0 is of dtype float16, but only U64"):
        to_state([np.zeros(2, np.float16)], Position())


def test_a_state_with_nan_comes_back() -> None:
    """The state of a run whose loss is NaN can be read too."""
    _, where = from_state(to_state([], Position(step=5, loss_sum=float("nan"))))
    assert np.isnan(where.loss_sum)


@pytest.mark.parametrize(
    ("metadata", "slots", "message"),
    [
        ({}, {}, "is not marked as naivenet-state"),
        ({"format": "naivenet-state", "version": "1"}, {}, "lacks the position of the run"),
        (
            {"format": "naivenet-state", "version": "1", "step": "x", "correct": "1", "loss_sum": "0x0p+0"},
            {},
            "lacks the position of the run",
        ),
        ({"format": "naivenet-state", "version": "1"}, {"slots.1": np.zeros(1, "f4")}, "missing slots.0"),
    ],
    ids=["foreign", "nowhere", "no-number", "gap"],
)
def test_another_file_is_refused(metadata: dict[str, str], slots: dict[str, np.ndarray], message: str) -> None:
    """A file of another kind, or with a missing part, is refused with the reason."""
    with pytest.raises(CheckpointError, match=message):
        from_state(safetensors.numpy.save(slots, metadata=metadata or None))


SLOT = b'"slots.0":{"dtype":"I64","shape":[],"data_offsets":[0,8]}}'
OLD_STATES = [
    (
        b'\xb0\0\0\0\0\0\0\0{"__metadata__":{"correct":"3","format":"naivenet-state",'
        b'"loss_sum":"0x1.2000000000000p+3","step":"5","version":"1"},' + SLOT + b" \x07\0\0\0\0\0\0\0",
        Position(step=5, correct=3, loss_sum=9.0, within_epoch=True),
    ),
    (
        b'\xb0\0\0\0\0\0\0\0{"__metadata__":{"correct":"0","format":"naivenet-state",'
        b'"loss_sum":"0x1.4000000000000p+1","step":"4","version":"1"},' + SLOT + b" \x07\0\0\0\0\0\0\0",
        Position(step=4, loss_sum=2.5, within_epoch=True),
    ),
    (
        b'\xa8\0\0\0\0\0\0\0{"__metadata__":{"correct":"0","format":"naivenet-state",'
        b'"loss_sum":"0x0.0p+0","step":"4","version":"1"},' + SLOT + b"     \x07\0\0\0\0\0\0\0",
        Position(step=4),
    ),
]
"""Files that naivenet 0.1.0 wrote, whose positions had no `within_epoch`."""


@pytest.mark.parametrize(("data", "position"), OLD_STATES, ids=["within an epoch", "nothing correct", "between epochs"])
def test_an_old_state_is_read_and_written_with_the_same_bytes(data: bytes, position: Position) -> None:
    """Reading derives whether an epoch is under way; the format does not change."""
    slots, where = from_state(data)
    assert where == position
    assert slots == [np.array(7, np.int64)]
    assert to_state(slots, where) == data
