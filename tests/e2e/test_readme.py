"""The README keeps its word: its session runs as written, its Python too; docs/settings.md has every setting."""

import csv
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from service.settings import Settings
from tests.servers import Server

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(info: str) -> str:
    """The README's code block with this info string."""
    found = re.search(rf"^```{info}\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
    assert found, f"the README has no block {info!r}"
    return found[1]


@pytest.mark.timeout(600)
def test_the_curl_session_runs_as_written(start_server: Callable[..., Server], tmp_path: Path) -> None:
    """The README's curl session, on another port but otherwise as written, trains above 0.98 and reads a seven."""
    server = start_server()
    script = block("sh session").replace("http://127.0.0.1:8000", server.base_url)
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "seven.png").write_bytes((ROOT / "docs" / "seven.png").read_bytes())

    ran = subprocess.run(
        ["/bin/bash", "-euo", "pipefail", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert ran.returncode == 0, ran.stderr
    lines = ran.stdout.splitlines()
    assert "7" in lines
    table = ran.stdout[ran.stdout.index("epoch,step,") :].splitlines()
    epochs = list(csv.DictReader(line for line in table if re.match(r"epoch,|\d+,", line)))
    assert float(epochs[-1]["test_accuracy"]) >= 0.98
    assert (tmp_path / "weights.npz").stat().st_size > 1_600_000


@pytest.mark.timeout(600)
def test_the_python_example_runs_as_written(tmp_path: Path) -> None:
    """The README's Python trains the network and prints a loss and an accuracy."""
    ran = subprocess.run(
        [sys.executable, "-c", block("python")], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert ran.returncode == 0, ran.stderr
    loss, accuracy = map(float, ran.stdout.split())
    assert loss < 3
    assert accuracy > 0.3


def test_the_table_has_every_setting_with_its_default() -> None:
    """Each setting stands in docs/settings.md, with its default, and none stands there that does not exist."""
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `NAIVENET_(\w+)` \| ([^|]*?) \|", page, re.MULTILINE))

    assert rows.keys() == {name.upper() for name in Settings.model_fields}
    for name, field in Settings.model_fields.items():
        if isinstance(field.default, str | int | float | bool):
            assert rows[name.upper()] == f"`{field.default}`"


def test_every_file_that_the_readme_links_to_is_there() -> None:
    """No link of the README leads nowhere."""
    targets = re.findall(r"\]\(([^)#:]+)\)", README)

    assert targets
    assert [target for target in targets if not (ROOT / target).exists()] == []
