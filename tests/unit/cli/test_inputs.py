"""What users give to commands: files, `--set` and `--metadata`."""

import re
from pathlib import Path

import pytest
import typer

from service.cli.inputs import job_body, labels, mix
from service.errors import InvalidInput


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration with one layer."""
    file = tmp_path / "job.json"
    file.write_text('{"preset": "notebook", "schedule": null, "network": {"layers": [{"units": 10}]}}')
    return file


@pytest.mark.parametrize(
    ("assignment", "expected"),
    [
        ("epochs=3", {"epochs": 3}),
        ("optimizer.learning_rate=0.1", {"optimizer": {"learning_rate": 0.1}}),
        ("/optimizer/name=adam", {"optimizer": {"name": "adam"}}),
        ("shuffle=true", {"shuffle": True}),
        ("name=null", {"name": None}),
        ("name=a=b", {"name": "a=b"}),
        ('network={"layers": []}', {"network": {"layers": []}}),
        ("name=NaN", {"name": "NaN"}),
    ],
)
def test_an_assignment_sets_a_field(assignment: str, expected: dict[str, object]) -> None:
    """A value is JSON, or else text; objects on the way are added."""
    assert job_body(None, [assignment]) == expected


def test_assignments_change_a_configuration(config: Path) -> None:
    """Later values replace earlier ones: the file's, then options, then assignments in their order."""
    assignments = ["network.layers.0.units=20", "schedule.name=step_decay", "epochs=1", "epochs=2"]
    assert job_body(config, assignments, preset="accurate") == {
        "preset": "accurate",
        "schedule": {"name": "step_decay"},
        "network": {"layers": [{"units": 20}]},
        "epochs": 2,
    }


@pytest.mark.parametrize(
    "assignment", ["epochs", "=3", "preset.name=1", "network.layers.5.units=1", "network.layers.x=1"]
)
def test_an_assignment_without_a_place_is_refused(config: Path, assignment: str) -> None:
    """The error contains the assignment."""
    with pytest.raises(typer.BadParameter, match=re.escape(repr(assignment))):
        job_body(config, [assignment])


@pytest.mark.parametrize("content", ["[1]", "{", ""])
def test_a_configuration_must_be_a_json_object(tmp_path: Path, content: str) -> None:
    """The error names the file."""
    file = tmp_path / "job.json"
    file.write_text(content)
    with pytest.raises(InvalidInput, match=r"job\.json"):
        job_body(file, None)


def test_labels_are_split_at_the_first_equals_sign() -> None:
    """A label's value may be empty, and may contain an equals sign."""
    assert labels(["course=spring", "empty=", "formula=a=b"]) == {"course": "spring", "empty": "", "formula": "a=b"}
    with pytest.raises(typer.BadParameter, match="NAME=VALUE"):
        labels(["course"])


def test_a_mix_is_named_in_one_option() -> None:
    """Each dataset has its name, and where they are given a version and a weight."""
    assert mix("mnist:0.05, mine@3:20,yours") == [
        {"name": "mnist", "weight": 0.05},
        {"name": "mine", "weight": 20.0, "version": 3},
        {"name": "yours"},
    ]


@pytest.mark.parametrize("text", ["mine:many", "mine@new", "mine:"])
def test_a_mix_with_a_wrong_number_is_refused(text: str) -> None:
    """The error shows the form."""
    with pytest.raises(typer.BadParameter, match="NAME@VERSION:WEIGHT"):
        mix(text)
