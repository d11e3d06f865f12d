"""Sweeps: fields with several values become arms."""

import math
from typing import Any

import pytest

from service.domain.config import JobConfig
from service.errors import InvalidInput
from service.experiments.sweeps import SweptArm, read_sweep

RATE, MOMENTUM = "/optimizer/learning_rate", "/optimizer/momentum"
DEFAULTS = JobConfig().model_dump(mode="json")


def arms(fields: dict[str, Any], body: dict[str, Any] | None = None, budget: int | None = None) -> list[SweptArm]:
    """Return the arms of a sweep."""
    return read_sweep(fields, budget=budget).arms(body or {}, defaults=DEFAULTS)


def names(fields: dict[str, Any]) -> list[str]:
    """Return the names of a sweep's arms."""
    return [arm.name for arm in arms(fields)]


def test_a_grid_has_every_combination() -> None:
    """Each combination of the values is an arm, named by what differs; the rest of the body stays."""
    found = arms({RATE: [0.01, 0.1], MOMENTUM: [0.0, 0.9], "/epochs": [3]}, {"optimizer": {"name": "sgd"}})
    assert [arm.name for arm in found] == [
        "learning_rate=0.01, momentum=0",
        "learning_rate=0.01, momentum=0.9",
        "learning_rate=0.1, momentum=0",
        "learning_rate=0.1, momentum=0.9",
    ]
    assert found[1].body == {"optimizer": {"name": "sgd", "learning_rate": 0.01, "momentum": 0.9}, "epochs": 3}
    assert found[1].values == {RATE: 0.01, MOMENTUM: 0.9, "/epochs": 3}


def test_an_object_is_set_before_its_fields() -> None:
    """An optimizer and its rate can be swept together, in any order."""
    found = arms({RATE: [0.01, 0.1], "/optimizer": [{"name": "sgd"}, {"name": "adam"}]})
    assert [arm.body["optimizer"] for arm in found[:2]] == [
        {"name": "sgd", "learning_rate": 0.01},
        {"name": "adam", "learning_rate": 0.01},
    ]
    assert found[1].name == "learning_rate=0.01, optimizer=adam"


def test_layers_that_the_body_lacks_are_taken_from_the_defaults() -> None:
    """The size of a layer can be swept without writing the layers down."""
    found = arms({"/network/layers/0/units": [64, 128]})
    assert [arm.body["network"]["layers"][0]["units"] for arm in found] == [64, 128]
    assert found[0].body["network"]["layers"][1] == DEFAULTS["network"]["layers"][1]


def test_names_are_as_long_as_it_takes_to_be_different() -> None:
    """Two fields with the same last name get the names before it, too."""
    assert names({"/network/layers/0/units": [64, 128], "/network/layers/1/units": [10]})[0] == "units=64"
    pair = {"/network/layers/0/units": [64, 128], "/network/layers/1/units": [10, 12]}
    assert names(pair)[0] == "layers.0.units=64, layers.1.units=10"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1e-5, "1e-05"),
        (None, "null"),
        (True, "true"),
        ("mnist", "mnist"),
        ({"name": "sgd", "momentum": 0.9}, "sgd momentum 0.9"),
        ([1, 2], "[1,2]"),
        ("a\nb", '"a\\nb"'),
    ],
)
def test_values_of_any_kind_have_a_name(value: Any, text: str) -> None:
    """Numbers, words, optimizers and lists are written shortly, without control characters."""
    assert names({"/x": [value, 7]}) == [f"x={text}", "x=7"]


def test_long_or_equal_names_are_numbered() -> None:
    """A name has at most 64 characters, and no other arm has it."""
    found = names({f"/parameter_number_{number}": [0.125, 0.25] for number in range(6)})
    assert len(set(found)) == 64
    assert max(map(len, found)) == 64
    assert names({"/x": [0.1234567, 0.12345671]}) == ["x=0.123457 #1", "x=0.123457 #2"]


def test_a_budget_draws_different_combinations() -> None:
    """They are the same each time, and a larger budget has them, too; a budget larger than the grid takes all."""
    grid = {"/epochs": list(range(1, 11)), "/batch_size": [16, 32, 64]}
    few, more = names_with(grid, budget=8), names_with(grid, budget=12)
    assert len(set(more)) == 12
    assert more[:8] == few
    assert names_with(grid, budget=1000) == names(grid)


def names_with(fields: dict[str, Any], budget: int) -> list[str]:
    """Return the names with a budget."""
    return [arm.name for arm in arms(fields, budget=budget)]


def test_a_range_is_drawn_from_evenly() -> None:
    """On a logarithmic scale, a half of the draws lies below the geometric mean; integers include both ends."""
    found = arms(
        {
            RATE: {"low": 0.0001, "high": 1.0, "scale": "log"},
            "/batch_size": {"low": 1, "high": 4, "integer": True},
            "/validation_split": {"low": 0.0, "high": 0.5},
        },
        budget=2000,
    )
    rates = [arm.values[RATE] for arm in found]
    sizes = [arm.values["/batch_size"] for arm in found]
    splits = [arm.values["/validation_split"] for arm in found]
    assert sum(rate < 0.01 for rate in rates) == pytest.approx(1000, abs=70)
    assert (min(rates) >= 0.0001, max(rates) <= 1) == (True, True)
    assert [sizes.count(size) for size in (1, 2, 3, 4)] == pytest.approx([500] * 4, abs=70)
    assert math.fsum(splits) / 2000 == pytest.approx(0.25, abs=0.02)
    assert all(rate == float(f"{rate:.3g}") for rate in rates)


def test_the_size_of_a_sweep_is_known_before_it_is_made() -> None:
    """So that a sweep that is too large is refused without making it."""
    assert read_sweep({f"/{number}": list(range(1000)) for number in range(20)}).size == 1000**20
    assert read_sweep({"/x": {"low": 0.0, "high": 1.0}, "/y": [1, 2]}, budget=30).size == 30
    assert read_sweep({"/x": {"low": 1, "high": 9, "integer": True}}, budget=30).size == 9


def test_a_narrow_range_has_fewer_arms_than_its_budget() -> None:
    """Numbers are drawn with three digits: the search for others ends."""
    assert len(arms({"/x": {"low": 0.1, "high": 0.103}}, budget=50)) == 4


@pytest.mark.parametrize(
    ("fields", "budget", "pointer"),
    [
        ({}, None, "/sweep"),
        ({"/x": [1]}, None, "/sweep"),
        ({"/x": {"low": 0.1, "high": 0.10001}}, 5, "/sweep"),
        ({"optimizer": [1, 2]}, None, "/sweep/optimizer"),
        ({"/a~2": [1, 2]}, None, "/sweep/~1a~02"),
        ({RATE: []}, None, "/sweep/~1optimizer~1learning_rate"),
        ({RATE: 0.1}, None, "/sweep/~1optimizer~1learning_rate"),
        ({RATE: [0.1, 0.2, 0.1]}, None, "/sweep/~1optimizer~1learning_rate/2"),
        ({RATE: {"low": 0.1, "high": 1.0}}, None, "/sweep/~1optimizer~1learning_rate"),
        ({RATE: {"low": 0.1}}, 5, "/sweep/~1optimizer~1learning_rate/high"),
        ({RATE: {"low": 0.1, "high": 1.0, "step": 2}}, 5, "/sweep/~1optimizer~1learning_rate/step"),
        ({RATE: {"low": 1.0, "high": 0.1}}, 5, "/sweep/~1optimizer~1learning_rate/high"),
        ({RATE: {"low": 0.0, "high": 0.1, "scale": "log"}}, 5, "/sweep/~1optimizer~1learning_rate/low"),
        ({RATE: {"low": 0.1, "high": 0.2, "integer": True}}, 5, "/sweep/~1optimizer~1learning_rate"),
        ({"/network/layers/7/units": [1, 2]}, None, "/sweep/~1network~1layers~17~1units"),
        ({"/epochs/x": [1, 2]}, None, "/sweep/~1epochs~1x"),
    ],
)
def test_a_wrong_sweep_is_refused_with_a_pointer(fields: dict[str, Any], budget: int | None, pointer: str) -> None:
    """The error points at the field, or at the value, of the request."""
    with pytest.raises(InvalidInput) as raised:
        arms(fields, {"epochs": 3}, budget)
    assert [error.pointer for error in raised.value.errors] == [pointer]


def test_an_error_in_an_arm_points_at_the_value_that_made_it() -> None:
    """A pointer into the body of an arm becomes one into the request."""
    arm = arms({RATE: [0.01, -1], "/batch_size": {"low": 1, "high": 8, "integer": True}}, budget=100)[-1]
    assert arm.source_of(RATE) == "/sweep/~1optimizer~1learning_rate/1"
    assert arm.source_of("/batch_size") == "/sweep/~1batch_size"
    assert arm.source_of("/epochs") == "/config/epochs"
    other = arms({"/optimizer": [{"name": "sgd"}, {"name": "nadam"}]})[1]
    assert other.source_of("/optimizer/name") == "/sweep/~1optimizer/1/name"
