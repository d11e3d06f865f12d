"""The README's curl session and its Python example run as written."""

import csv
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import StartServer
from tests.readme import EPOCHS, ROOT, block, curl_session


@pytest.mark.timeout(600)
def test_the_curl_session_runs_as_written(start_server: StartServer, tmp_path: Path) -> None:
    """The README's curl session, on another port and with fewer epochs, trains, predicts a seven and trains on."""
    script = curl_session(start_server().base_url)
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
    assert len(epochs) == EPOCHS
    assert float(epochs[-1]["test_accuracy"]) >= 0.97
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
