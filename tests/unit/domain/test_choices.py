"""Schedules, early stopping and retention in a job's configuration: defaults, ranges and JSON pointers."""

from typing import Any

import pytest

import naivenet
from service.domain.config import ConfigLimits, EarlyStopping, JobConfig, resolve
from service.errors import InvalidInput

LIMITS = ConfigLimits(max_epochs=100, max_layers=4, max_units=1000)


def test_all_of_it_is_off_by_default() -> None:
    """By default the learning rate is constant, all epochs are trained, and every checkpoint is kept."""
    config = resolve({}, LIMITS)
    assert (config.schedule, config.early_stopping, config.keep_last, config.keep_best) == (None, None, None, None)


def test_a_configuration_comes_back_from_its_row() -> None:
    """A configuration that is stored as JSON and read again is unchanged."""
    body = {
        "schedule": {"name": "cosine", "warmup_epochs": 0.5, "final": 0.1},
        "early_stopping": {"monitor": "test_loss", "patience": 2, "min_delta": 0.01, "restore_best": False},
        "keep_last": 2,
        "keep_best": 3,
    }
    config = resolve(body, LIMITS)
    assert config.schedule == naivenet.get_schedule("cosine", warmup_epochs=0.5, final=0.1)
    assert config.early_stopping == EarlyStopping(monitor="test_loss", patience=2, min_delta=0.01, restore_best=False)
    assert JobConfig.model_validate(config.model_dump(mode="json"), strict=False) == config


@pytest.mark.parametrize("name", naivenet.SCHEDULES)
def test_every_schedule_can_be_chosen_by_name(name: str) -> None:
    """A name alone takes the schedule's defaults."""
    assert resolve({"schedule": {"name": name}}, LIMITS).schedule == naivenet.get_schedule(name)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"schedule": {"name": "cosin"}}, "/schedule"),
        ({"schedule": {"name": "step", "factor": 2}}, "/schedule/factor"),
        ({"schedule": {"name": "step", "every_steps": 2}}, "/schedule/every_steps"),
        ({"schedule": {"name": "cosine", "warmup_steps": 1, "warmup_epochs": 1}}, "/schedule"),
        ({"early_stopping": {"monitor": "loss"}}, "/early_stopping/monitor"),
        ({"early_stopping": {"monitor": "test_loss", "patience": 0}}, "/early_stopping/patience"),
        ({"early_stopping": {"monitor": "test_loss", "min_delta": -1}}, "/early_stopping/min_delta"),
        ({"early_stopping": {"monitor": "validation_loss"}}, "/early_stopping/monitor"),
        ({"keep_last": 0}, "/keep_last"),
        ({"keep_best": True}, "/keep_best"),
    ],
)
def test_an_error_names_its_place(body: dict[str, Any], pointer: str) -> None:
    """A value that is unknown or out of range is refused with its JSON pointer."""
    with pytest.raises(InvalidInput) as error:
        resolve(body, LIMITS)
    assert [each.pointer for each in error.value.errors] == [pointer]


def test_validation_metrics_can_be_monitored_with_a_validation_split() -> None:
    """With a validation split, early stopping monitors the validation loss by default."""
    stopping = resolve({"early_stopping": {}, "validation_split": 0.1}, LIMITS).early_stopping
    assert stopping
    assert stopping.monitor == "validation_loss"
