"""The container engine of the tests: the machine's own, or one that a script, the lab, starts."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]

#: The images that ours are built from or run beside, by their variables: the stand-ins of the lab have no digest.
BASES = {"PYTHON_IMAGE": "python:3.11-slim", "POSTGRES_IMAGE": "postgres:17"}


@dataclass(frozen=True, kw_only=True)
class Engine:
    """How to call a container engine.

    Attributes:
        compose: The Compose command: the plugin ``docker compose``, or the older ``docker-compose``.
        program: The engine's own command.
        environment: The variables that name the engine.
        overrides: Compose files that override the project's own.
    """

    compose: Sequence[str]
    program: str
    environment: Mapping[str, str]
    overrides: Sequence[Path] = ()


@contextmanager
def engine() -> Iterator[Engine]:
    """An engine; one that the lab started is stopped afterwards.

    Raises:
        LookupError: No engine runs, and there is no lab to start one.
    """
    docker = ["docker", "compose"]
    if _works(["docker", "info"]) and _works([*docker, "version"]):
        yield Engine(compose=docker, program="docker", environment=dict(os.environ))
        return
    lab = ROOT / os.environ.get("CONTAINER_LAB", "../shared/containers/lab")
    if not lab.is_file():
        raise LookupError(
            f"No Docker engine runs here, and {lab} does not exist: start an engine, or set CONTAINER_LAB."
        )
    subprocess.run(["bash", lab, "up", *BASES.values()], check=True, cwd=ROOT)
    try:
        yield Engine(
            compose=["docker-compose"],
            program="podman",
            environment=os.environ
            | _environment_of(lab)
            | BASES
            | {"COMPOSE_DOCKER_CLI_BUILD": "0", "COMPOSE_HTTP_TIMEOUT": "600"},
            overrides=[Path(__file__).with_name("lab.yml")],
        )
    finally:
        subprocess.run(["bash", lab, "down"], check=False, cwd=ROOT)


def _environment_of(lab: Path) -> dict[str, str]:
    """Return the variables of the line ``export A=b C=d`` that the lab prints."""
    line = subprocess.run(["bash", lab, "env"], check=True, capture_output=True, text=True).stdout
    return dict(each.split("=", 1) for each in line.split() if "=" in each)


def _works(command: Sequence[str]) -> bool:
    return (
        shutil.which(command[0]) is not None
        and subprocess.run(command, capture_output=True, check=False).returncode == 0
    )
