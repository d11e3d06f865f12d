"""The OpenAPI document of a running service, and the tools that `make test-generators` installs."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest

from tests.pages import ROOT
from tests.servers import Json

HERE = Path(__file__).parent

#: Where `make test-generators` installs the tools from PyPI, Node among them, and from npm.
INSTALLED = ROOT / ".generators"
TOOLS = [INSTALLED / "venv" / "bin", INSTALLED / "node_modules" / ".bin"]

Run = Callable[..., str]


@pytest.fixture(scope="session")
def document(client: httpx2.Client) -> Json:
    """The document as the service publishes it."""
    published: Json = client.get("/openapi.json").json()
    return published


@pytest.fixture
def folder(tmp_path: Path, document: Json) -> Path:
    """A folder with the document, the settings of the tools and what npm installed."""
    (tmp_path / "openapi.json").write_text(json.dumps(document))
    (tmp_path / "node_modules").symlink_to(INSTALLED / "node_modules")
    for name in ("package.json", "tsconfig.json", "spectral.yaml"):
        shutil.copy(HERE / name, tmp_path)
    return tmp_path


@pytest.fixture
def run(folder: Path) -> Run:
    """Runs a tool in the folder, and returns its output; the test fails with the output if the tool does."""
    path = os.pathsep.join([*map(str, TOOLS), os.environ["PATH"]])
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}

    def start(*command: object, accepted: tuple[int, ...] = (0,)) -> str:
        tool = shutil.which(str(command[0]), path=path)
        assert tool, f"{command[0]} is not installed: run `make test-generators`"
        ended = subprocess.run(
            [tool, *map(str, command[1:])],
            cwd=folder,
            env=environment | {"PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode in accepted, f"{ended.stdout}\n{ended.stderr}"
        return ended.stdout

    return start
