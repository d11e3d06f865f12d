"""The examples in docs/reference/protocols.md run as written."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import Server
from tests.versions import add_version

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "protocols.md").read_text(encoding="utf-8")


def blocks(info: str) -> str:
    """The page's code blocks with this info string, joined."""
    found: list[str] = re.findall(rf"^```{info}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    assert found, f"the page has no block {info!r}"
    return "\n".join(found)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, tiny: Path) -> Iterator[Server]:
    """A service whose ``digits`` predicts a three for every image."""
    started = Server(tmp_path_factory.mktemp("protocols"), tiny=tiny, trainer=False).start()
    with started.client() as client:
        add_version(client, 3)
    yield started
    started.stop()


def test_the_curl_lines_run_as_written(server: Server) -> None:
    """The curl lines run on another port without an error, and print what the page describes."""
    script = blocks("sh session").replace("http://127.0.0.1:8000", server.base_url).replace("curl -s", "curl -sSf")
    ran = subprocess.run(["/bin/bash", "-euo", "pipefail", "-c", script], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    words = ("model_version_status", "signature_def", "predictions", "outputs", "binary_tensor_data", "ready", "42")
    assert [word for word in words if word not in ran.stdout] == []


def test_the_stock_client_runs_as_written(server: Server) -> None:
    """The example with the stock client prints the digit."""
    script = blocks("python").replace("127.0.0.1:8000", f"127.0.0.1:{server.port}")
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip() == "3"
