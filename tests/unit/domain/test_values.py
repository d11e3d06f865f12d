"""Small rules: the best version of a model, numbers that JSON cannot represent, ids, and chunks of losses."""

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
    """Return a version with this test accuracy."""
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
    """The highest accuracy wins, then the newest version; a version without an accuracy comes last."""
    chosen = best([version(number, accuracy) for number, accuracy in enumerate(accuracies, 1)])
    assert chosen is not None
    assert chosen.version == expected


def test_a_model_without_versions_has_no_best_version() -> None:
    """The best of no versions is None."""
    assert best([]) is None


@given(st.none() | st.floats(width=32))
def test_a_name_for_each_number_that_json_cannot_represent(number: float | None) -> None:
    """Only numbers that strict JSON refuses have a name."""
    try:
        json.dumps(number, allow_nan=False)
        is_valid = True
    except ValueError:
        is_valid = False
    assert (nonfinite_name(number) is None) == is_valid


@pytest.mark.parametrize(("number", "name"), [(math.nan, "nan"), (math.inf, "inf"), (-math.inf, "-inf")])
def test_the_names(number: float, name: str) -> None:
    """The names are those of the API's contract."""
    assert nonfinite_name(number) == name


def test_ids_sort_by_time() -> None:
    """A thousand ids made one after another are in order, and no two are equal."""
    ids = [new_id("job") for _ in range(1000)]
    assert ids == sorted(set(ids))


def test_a_chunk_knows_its_last_step() -> None:
    """Three losses from step five end at step seven."""
    assert LossChunk(first_step=5, epoch=1, losses=array("f", [1, 2, 3])).last_step == 7
