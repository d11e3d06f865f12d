"""The datasets of a job's configuration: a mix, short names, and the dataset that is measured."""

from typing import Any

import pytest

from service.domain.config import ConfigLimits, JobConfig, resolve
from service.errors import InvalidInput

LIMITS = ConfigLimits(max_epochs=100, max_layers=5, max_units=1000)


def resolved(body: dict[str, Any], base: JobConfig | None = None) -> JobConfig:
    """Return the configuration of a body, over that of another job if given."""
    return resolve(body, LIMITS, base=base.model_dump(mode="json") if base else None)


def test_a_name_is_short_for_an_object_with_weight_1() -> None:
    """The resolved job has an object for each dataset."""
    config = resolved({"datasets": ["mnist", {"name": "mine", "weight": 20}]})
    assert config.model_dump(mode="json")["datasets"] == [
        {"name": "mnist", "weight": 1.0, "version": None},
        {"name": "mine", "weight": 20.0, "version": None},
    ]


@pytest.mark.parametrize(
    ("body", "dataset"),
    [
        ({}, "mnist"),
        ({"datasets": ["mine", "mnist"]}, "mine"),
        ({"datasets": [{"name": "mine"}]}, "mine"),
        ({"datasets": ["mine"], "dataset": "mnist"}, "mnist"),
    ],
)
def test_the_first_dataset_is_measured_unless_one_is_named(body: dict[str, Any], dataset: str) -> None:
    """`dataset` names the dataset whose test pictures give the test accuracy."""
    assert resolved(body).dataset == dataset


@pytest.mark.parametrize(
    ("body", "version"),
    [({}, 3), ({"dataset": "mine"}, 3), ({"dataset": "mnist"}, None), ({"datasets": ["mnist"]}, None)],
)
def test_a_version_does_not_hold_for_another_dataset(body: dict[str, Any], version: int | None) -> None:
    """A fork trains on its parent's version, unless it names another dataset."""
    parent = resolved({"dataset": "mine", "dataset_version": 3})
    assert resolved(body, parent).dataset_version == version


@pytest.mark.parametrize(
    ("mix", "pointer", "message"),
    [
        ([], "/datasets", "It must have 1 or more items"),
        ("mnist", "/datasets", "It must be a list"),
        (["a b"], "/datasets/0", "It has characters that are not allowed"),
        ([{"weight": 2}], "/datasets/0/name", "This field is missing"),
        (["mnist", {"name": "mine", "weight": 0}], "/datasets/1/weight", "It must be greater than 0"),
        (["mnist", {"name": "mine", "weigth": 2}], "/datasets/1/weigth", "Did you mean weight?"),
        (["mnist"] * 17, "/datasets", "It may have at most 16 items"),
    ],
)
def test_a_wrong_mix_is_refused_where_it_is_wrong(mix: object, pointer: str, message: str) -> None:
    """The pointer leads into the list, and one mistake is one error."""
    with pytest.raises(InvalidInput) as refused:
        resolved({"datasets": mix})
    (error,) = refused.value.errors
    assert error.pointer == pointer
    assert message in error.message


def test_a_job_of_an_earlier_version_still_loads() -> None:
    """A stored configuration without the new fields has their defaults."""
    stored = JobConfig().model_dump(mode="json", exclude={"datasets", "dataset_version"})
    assert JobConfig.model_validate(stored, strict=False) == JobConfig()
