"""The README runs as written."""

import csv
import re
from pathlib import Path

import pytest

from tests.conftest import StartServer
from tests.page_runner import run_page
from tests.pages import ROOT


@pytest.mark.timeout(600)
def test_the_readme_runs_as_written(start_server: StartServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The curl session, with fewer epochs, trains, reads a seven and trains on; the Python trains the network."""
    folder = tmp_path / "clone"
    folder.mkdir()
    printed = run_page(ROOT / "README.md", start_server().base_url, folder, monkeypatch)

    assert "7" in printed.splitlines()
    table = printed[printed.index("epoch,step,") :].splitlines()
    epochs = list(csv.DictReader(line for line in table if re.match(r"epoch,|\d+,", line)))
    assert len(epochs) == 3
    assert float(epochs[-1]["test_accuracy"]) >= 0.97
    assert (folder / "weights.npz").stat().st_size > 1_600_000
    loss, accuracy = map(float, printed.splitlines()[-1].split())
    assert loss < 3
    assert accuracy > 0.3
