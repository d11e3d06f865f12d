"""The files that build and check the project agree with each other: Makefile, gate, workflow, hooks, devcontainer."""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = next(folder for folder in Path(__file__).parents if (folder / "pyproject.toml").exists())
MAKEFILE = (ROOT / "Makefile").read_text()
TARGETS = frozenset(re.findall(r"^([a-z][a-z-]*):(?!=)", MAKEFILE, re.MULTILINE))
GATE = (ROOT / ".ci" / "run").read_text()


def parsed(name: str) -> Any:
    """A YAML file of the project; JSON is YAML too."""
    return yaml.safe_load((ROOT / name).read_text())


def commands(name: str) -> Iterator[str]:
    """The command lines of a workflow, a hook configuration or a devcontainer."""
    whole = parsed(name)
    for job in whole.get("jobs", {}).values():
        yield from (step["run"] for step in job["steps"] if "run" in step)
    for repository in whole.get("repos", []):
        yield from (hook["entry"] for hook in repository["hooks"])
    if "postCreateCommand" in whole:
        yield whole["postCreateCommand"]


def made(command: str) -> list[str]:
    """The targets in a command line of make: no options, no variables."""
    words = command.split()[1:]
    return [word for word in words if re.fullmatch(r"[a-z][a-z-]*", word)]


def test_phony_lists_every_target() -> None:
    """A file named like a target would otherwise stop it."""
    phony = re.search(r"^\.PHONY: (.*?[^\\])\n", MAKEFILE, re.MULTILINE | re.DOTALL)
    assert phony
    assert set(phony[1].replace("\\\n", " ").split()) == TARGETS


@pytest.mark.parametrize(
    "name", [".github/workflows/ci.yml", ".pre-commit-config.yaml", ".devcontainer/devcontainer.json"]
)
def test_commands_exist(name: str) -> None:
    """Each command is a target of the Makefile, a program of the virtual environment, or the gate."""
    for command in commands(name):
        program = command.split()[0]
        if program == "make":
            assert made(command)
            assert set(made(command)) <= TARGETS
        elif program.startswith(".venv/bin/"):
            assert (Path(sys.executable).parent / Path(program).name).exists()
        else:
            assert program == ".ci/run"


def test_the_gate_makes_targets_that_exist() -> None:
    """Each part of .ci/run is a target of the Makefile."""
    parts = re.findall(r"^ *(?:[A-Z_]+=1 )?(?:part|make) (.*)$", GATE, re.MULTILINE)
    named = {name for part in parts for name in made(f"make {part}")}
    assert named <= TARGETS
    assert named >= {
        "lint",
        "types",
        "docs",
        "test",
        "fuzz-api",
        "chaos-short",
        "images",
        "test-containers",
    }


def test_documented_targets_exist() -> None:
    """Each `make ...` in README, CONTRIBUTING and docs is a target of the Makefile."""
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    named = {
        name for page in pages for name in re.findall(r"(?:`|^)make ([a-z][a-z-]*)", page.read_text(), re.MULTILINE)
    }
    assert named <= TARGETS


def test_the_workflow_tries_the_oldest_and_the_newest_python() -> None:
    """The matrix has both ends of what pyproject.toml promises."""
    oldest, beyond = re.findall(r"requires-python = \">=3\.(\d+),<3\.(\d+)\"", (ROOT / "pyproject.toml").read_text())[0]
    matrix = parsed(".github/workflows/ci.yml")["jobs"]["check"]["strategy"]["matrix"]["python"]
    assert matrix == [f"3.{oldest}", f"3.{int(beyond) - 1}"]


def test_actions_are_pinned_and_no_secret_is_used() -> None:
    """Each action has a major version, and the workflow may only read."""
    workflow = parsed(".github/workflows/ci.yml")
    used = [step["uses"] for job in workflow["jobs"].values() for step in job["steps"] if "uses" in step]
    assert all(re.fullmatch(r"actions/[a-z-]+@v\d+", action) for action in used)
    assert workflow["permissions"] == {"contents": "read"}
    assert "secrets." not in (ROOT / ".github" / "workflows" / "ci.yml").read_text()


def test_hooks_fetch_nothing() -> None:
    """Hooks run the tools of .venv, so that they are those of the lock."""
    hooks = [hook for repository in parsed(".pre-commit-config.yaml")["repos"] for hook in repository["hooks"]]
    assert {repository["repo"] for repository in parsed(".pre-commit-config.yaml")["repos"]} == {"local"}
    assert {hook["language"] for hook in hooks} == {"system"}


def test_the_devcontainer_has_the_oldest_python() -> None:
    """What works there works on every Python that is promised."""
    devcontainer = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text())
    assert devcontainer["image"] == "python:3.11"
