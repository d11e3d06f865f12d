"""Small rules: the best version, numbers that JSON cannot carry, identifiers."""

import json
import math
from array import array
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.history import LossChunk
from service.domain.ids import new_id
from service.domain.model import Version, best
from service.domain.nonfinite import nonfinite_name


def version(number: int, accuracy: float | None) -> Version:
    """A version that scored so."""
    return Version(
        model="digits",
        version=number,
        checkpoint_id=f"ckpt_{number}",
        job_id=None,
        test_accuracy=accuracy,
        created_at=datetime.now(UTC),
    )


@pytest.mark.parametrize(
    ("accuracies", "expected"),
    [
        ([0.5, 0.9, 0.7], 2),
        ([0.9, 0.9], 2),
        ([None, 0.1], 2),
        ([0.0, None], 1),
        ([None, None], 2),
    ],
)
def test_the_best_version(accuracies: list[float | None], expected: int) -> None:
    """The highest accuracy, the newest of equals, one never evaluated last."""
    chosen = best([version(number, accuracy) for number, accuracy in enumerate(accuracies, 1)])
    assert chosen is not None
    assert chosen.version == expected


def test_no_version_is_best_of_none() -> None:
    """A model without versions has no best."""
    assert best([]) is None


@given(st.none() | st.floats(width=32))
def test_a_name_for_each_number_that_json_cannot_carry(number: float | None) -> None:
    """Exactly the numbers that strict JSON refuses have a name."""
    try:
        json.dumps(number, allow_nan=False)
        carried = True
    except ValueError:
        carried = False
    assert (nonfinite_name(number) is None) == carried


@pytest.mark.parametrize(("number", "name"), [(math.nan, "nan"), (math.inf, "inf"), (-math.inf, "-inf")])
def test_the_names(number: float, name: str) -> None:
    """They are the contract's."""
    assert nonfinite_name(number) == name


def test_ids_sort_by_time() -> None:
    """A thousand in a row are in order and differ."""
    ids = [new_id("job") for _ in range(1000)]
    assert ids == sorted(set(ids))


def test_a_chunk_knows_its_last_step() -> None:
    """Three losses from step five end at seven."""
    assert LossChunk(first_step=5, epoch=1, losses=array("f", [1, 2, 3])).last_step == 7
