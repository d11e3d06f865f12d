"""Generates the blocking client from the asynchronous one: `make client-sync`, or ``python tools/client.py FOLDER``."""

import re
import subprocess
import sys
from pathlib import Path

from unasync import Rule, unasync_files

PACKAGE = Path(__file__).parents[1] / "client" / "naivenet_client"
RUFF = str(Path(sys.executable).with_name("ruff"))
NOTE = "# Generated from _async by `make client-sync`: change it there.\n"


def generate(target: Path) -> None:
    """Write the blocking client into the folder *target*."""
    sources = sorted((PACKAGE / "_async").glob("*.py"))
    names = {name for source in sources for name in re.findall(r"\bAsync[A-Z]\w*", source.read_text())}
    replacements = {name: name.removeprefix("Async") for name in names} | {
        "_async": "_sync",
        "aclose": "close",
        "aclosing": "closing",
        "aread": "read",
        "asyncio": "time",
    }
    rule = Rule(str(PACKAGE / "_async"), str(target), additional_replacements=replacements)
    unasync_files([str(source) for source in sources], [rule])
    written = [target / source.name for source in sources]
    for path in written:
        path.write_text(NOTE + re.sub(r"`Async(?=[A-Z])", "`", path.read_text()))
    config = ["--config", str(PACKAGE.parents[1] / "pyproject.toml")]
    subprocess.run([RUFF, "check", "--quiet", *config, "--select", "I", "--fix", *written], check=True)
    subprocess.run([RUFF, "format", "--quiet", *config, *written], check=True)


if __name__ == "__main__":
    generate(Path(sys.argv[1]) if len(sys.argv) > 1 else PACKAGE / "_sync")
