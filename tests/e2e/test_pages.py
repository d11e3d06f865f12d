"""The pages of the documentation run as written, one after the other, against one service."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import StartServer
from tests.page_runner import run_page
from tests.pages import PAGES, ROOT, blocks
from tests.servers import Server, finished, start_job

RUNNING = [
    page
    for page in PAGES
    if page != ROOT / "README.md" and {block.kind for block in blocks(page)} & {"python", "sh session"}
]

#: Pages that create API keys, which the service then requires: they have a service of their own.
APART = {"docs/how-to/class.md"}

#: What a page's blocks print among other things.
MENTIONED = {
    "docs/reference/protocols.md": (
        *("model_version_status", "signature_def", "predictions", "outputs", "binary_tensor_data", "ready", "42"),
    ),
}


def name(page: Path) -> str:
    """The path of a page in the repository."""
    return str(page.relative_to(ROOT))


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, tiny: Path) -> Iterator[Server]:
    """One service for all pages, whose ``digits`` reads digits; webhooks may call this machine."""
    server = Server(tmp_path_factory.mktemp("pages"), tiny=tiny, webhook_private_addresses=True).start()
    with server.client() as client:
        finished(client, start_job(client, dataset="mnist", preset="accurate", epochs=3))
    yield server
    server.stop()


@pytest.mark.timeout(600)
@pytest.mark.parametrize("page", RUNNING, ids=name)
def test_a_page_runs_as_written(
    page: Path,
    service: Server,
    start_server: StartServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each block of a page runs without an error, and prints what the page says."""
    server = start_server() if name(page) in APART else service
    folder = tmp_path / "clone"
    folder.mkdir()
    printed = run_page(page, server.base_url, folder, monkeypatch, NAIVENET_DATA_DIR=str(server.data_dir))
    assert [word for word in MENTIONED.get(name(page), ()) if word not in printed] == []
