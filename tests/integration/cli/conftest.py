"""Runs commands in the test's own process, which is much quicker than a process for each."""

import contextlib
import io
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import naivenet
from service.cli import main
from tests.servers import Json, Server


@dataclass(frozen=True, kw_only=True)
class Ran:
    """What a command did: its exit code, and what it printed."""

    code: int
    content: bytes
    error: str

    @property
    def text(self) -> str:
        """Standard output as text."""
        return self.content.decode()

    @property
    def json(self) -> Any:
        """Standard output as JSON."""
        assert self.code == 0, self.error
        return json.loads(self.content)


Run = Callable[..., Ran]


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs ``naivenet`` with these environment variables, and with its output to a pipe."""

    def run(*arguments: object, stdin: bytes = b"", **environment: object) -> Ran:
        for name, value in environment.items():
            monkeypatch.setenv(name, str(value))
        monkeypatch.setattr(sys, "argv", ["naivenet", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        raw, error = io.BytesIO(), io.StringIO()
        output = io.TextIOWrapper(raw, write_through=True)
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(error), pytest.raises(SystemExit) as ended:
            main()
        return Ran(code=int(ended.value.code or 0), content=raw.getvalue(), error=error.getvalue())

    return run


@pytest.fixture
def naivenet_cli(cli: Run, session_server: Server, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs ``naivenet`` for the shared service."""
    monkeypatch.setenv("NAIVENET_URL", session_server.base_url)
    return cli


@pytest.fixture(scope="module")
def seven(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An image of the first test digit, a seven."""
    file = tmp_path_factory.mktemp("images") / "seven.png"
    Image.fromarray(np.asarray(naivenet.datasets.load().x_test[0])).save(file)
    return file


@pytest.fixture(scope="session")
def checkpoint(trained: Json) -> str:
    """The id of the shared job's last checkpoint."""
    found: str = trained["result"]["checkpoint_id"]
    return found
