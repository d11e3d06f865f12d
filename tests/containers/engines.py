"""Something that runs containers: the machine's own engine, or the one that a lab beside the checkout brings up."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]

#: What the images are built from and what runs beside them; a lab makes its stand-ins by these names.
BASES = ("python:3.11-slim", "postgres:17")


@dataclass(frozen=True, kw_only=True)
class Engine:
    """How to speak to it.

    Attributes:
        compose: The command that reads docker-compose.yml: Compose's plugin, or the program of before.
        environment: The variables that name the engine.
        overrides: Compose files to lay over the project's own.
    """

    compose: Sequence[str]
    environment: Mapping[str, str]
    overrides: Sequence[Path] = ()


@contextmanager
def engine() -> Iterator[Engine]:
    """An engine, taken down again if it was not there before.

    Raises:
        LookupError: There is none, and no lab that brings one up.
    """
    docker = ["docker", "compose"]
    if _works(["docker", "info"]) and _works([*docker, "version"]):
        yield Engine(compose=docker, environment=dict(os.environ))
        return
    lab = ROOT / os.environ.get("CONTAINER_LAB", "../shared/containers/lab")
    if not lab.is_file():
        raise LookupError(
            f"No Docker engine runs here, and there is no {lab}: start one, or name a lab by CONTAINER_LAB."
        )
    subprocess.run(["bash", lab, "up", *BASES], check=True, cwd=ROOT)
    try:
        yield Engine(
            compose=["docker-compose"],
            environment=os.environ | _said_by(lab) | {"COMPOSE_DOCKER_CLI_BUILD": "0", "COMPOSE_HTTP_TIMEOUT": "600"},
            overrides=[Path(__file__).with_name("lab.yml")],
        )
    finally:
        subprocess.run(["bash", lab, "down"], check=False, cwd=ROOT)


def _said_by(lab: Path) -> dict[str, str]:
    """The variables of its line ``export A=b C=d``."""
    line = subprocess.run(["bash", lab, "env"], check=True, capture_output=True, text=True).stdout
    return dict(each.split("=", 1) for each in line.split() if "=" in each)


def _works(command: Sequence[str]) -> bool:
    return (
        shutil.which(command[0]) is not None
        and subprocess.run(command, capture_output=True, check=False).returncode == 0
    )
