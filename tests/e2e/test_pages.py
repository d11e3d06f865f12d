"""The pages of the documentation run as written, one after the other, against one service."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.page_runner import run_page
from tests.pages import PAGES, ROOT, blocks
from tests.servers import Server
from tests.versions import add_version

RUNNING = [
    page
    for page in PAGES
    if page.name != "README.md" and {block.kind for block in blocks(page)} & {"python", "sh session"}
]

#: What a page's blocks print among other things.
MENTIONED = {
    "docs/reference/protocols.md": (
        *("model_version_status", "signature_def", "predictions", "outputs", "binary_tensor_data", "ready", "42"),
    ),
}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, tiny: Path) -> Iterator[Server]:
    """One service for all pages, with a version of ``digits``; webhooks may call this machine."""
    server = Server(tmp_path_factory.mktemp("pages"), tiny=tiny, webhook_private_addresses=True).start()
    with server.client() as client:
        add_version(client, 3)
    yield server
    server.stop()


@pytest.mark.timeout(600)
@pytest.mark.parametrize("page", RUNNING, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_runs_as_written(page: Path, service: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each block of a page runs without an error, and prints what the page says."""
    printed = run_page(page, service.base_url, tmp_path, monkeypatch)
    missing = [word for word in MENTIONED.get(str(page.relative_to(ROOT)), ()) if word not in printed]
    assert missing == []
