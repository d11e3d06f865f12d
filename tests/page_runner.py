"""Runs the blocks of a page in order, as a reader would: shell commands in one bash, Python in one namespace."""

import contextlib
import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

from tests.pages import ROOT, Block, blocks, in_test

_END = "--- end of a block ---"


class Shell:
    """A bash that keeps its variables and functions from block to block."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._log = folder / "stderr"
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                ["/bin/bash", "-euo", "pipefail"],
                cwd=folder,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )

    def __enter__(self) -> Self:
        """Keep it until the page ends."""
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        self._process.kill()
        self._process.communicate()

    def run(self, script: str) -> str:
        """Run a block, and return what it printed; a command that fails is an error."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{script}\necho\necho '{_END}'\n")
        self._process.stdin.flush()
        printed = ""
        for line in self._process.stdout:
            if line.strip() == _END:
                return printed.removesuffix("\n")
            printed += line
        raise AssertionError(f"a command failed after it printed:\n{printed}\n{self._log.read_text()}")


def run_page(page: Path, base_url: str, folder: Path, monkeypatch: Any, **environment: str) -> str:
    """Run all blocks of a page that run, compare what they print with the page, and return it.

    It runs in *folder*, where the repository's ``docs`` and ``deploy`` are too, as in a clone.
    """
    for name in ("docs", "deploy"):
        (folder / name).symlink_to(ROOT / name)
    programs = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    for name, value in {"NAIVENET_URL": base_url, "PATH": programs, **environment}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(folder)
    with Shell(folder, dict(os.environ)) as shell:
        return "\n".join(_outputs(blocks(page), base_url, shell))


def _outputs(page: list[Block], base_url: str, shell: Shell) -> Iterator[str]:
    """Run each block; yield what each printed."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    printed = ""
    for block in page:
        text = in_test(block.text, base_url)
        match block.kind:
            case "sh session":
                yield (printed := _at(block, shell.run, text))
            case "python":
                yield (printed := _at(block, _run_python, block, text, namespace))
            case "text output":
                assert re.fullmatch(_pattern(text), printed.strip(), re.DOTALL), f"{block}: it printed\n{printed}"


def _at(block: Block, run: Any, *arguments: Any) -> str:
    """Run a block; an error says where it stands."""
    try:
        result: str = run(*arguments)
    except Exception as error:
        error.add_note(f"in the block at {block}")
        raise
    return result


def _run_python(block: Block, source: str, namespace: dict[str, Any]) -> str:
    code = compile("\n" * block.line + source, block.page, "exec")  # a traceback then names the page's line
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(code, namespace)  # noqa: S102  # the documentation is ours
    return printed.getvalue()


def _pattern(text: str) -> str:
    return ".*".join(re.escape(part) for part in text.strip().split("…"))
