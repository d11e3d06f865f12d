"""The page on serving protocols keeps its word: its lines run as written."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import StartServer
from tests.e2e.test_swap_under_load import add_version
from tests.servers import Server

PAGE = (Path(__file__).parents[2] / "docs" / "protocols.md").read_text(encoding="utf-8")


def blocks(info: str) -> str:
    """The page's code blocks with this info string, one after another."""
    found: list[str] = re.findall(rf"^```{info}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    assert found, f"the page has no block {info!r}"
    return "\n".join(found)


@pytest.fixture
def server(start_server: StartServer) -> Server:
    """A service whose ``digits`` sees a three in everything."""
    started = start_server(trainer=False)
    with started.client() as client:
        add_version(client, 3)
    return started


def test_the_curl_lines_run_as_written(server: Server) -> None:
    """On another port, but otherwise so; none answers an error."""
    script = blocks("sh session").replace("http://127.0.0.1:8000", server.base_url).replace("curl -s", "curl -sSf")
    ran = subprocess.run(["/bin/bash", "-euo", "pipefail", "-c", script], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    for word in (
        "model_version_status",
        "signature_def",
        "predictions",
        "outputs",
        "binary_tensor_data",
        "ready",
        "42",
    ):
        assert word in ran.stdout


def test_the_stock_client_runs_as_written(server: Server) -> None:
    """It prints the digit."""
    script = blocks("python").replace("127.0.0.1:8000", f"127.0.0.1:{server.port}")
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip() == "3"
