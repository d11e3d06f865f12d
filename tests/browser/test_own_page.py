"""The page of docs/how-to/own-page.md works in a browser, from another origin than the service's."""

import functools
import re
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.visits import PATIENCE_MS
from tests.pages import ROOT, blocks
from tests.servers import Json, Server, finished, free_port


@pytest.fixture
def origin(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """Another origin, and the folder that it serves."""
    handler = functools.partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    server = ThreadingHTTPServer(("127.0.0.1", free_port()), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", tmp_path
    server.shutdown()
    server.server_close()


def test_the_page_trains_and_reads(
    browser: Browser, origin: tuple[str, Path], tmp_path_factory: pytest.TempPathFactory, tiny: Path
) -> None:
    """The page starts a job, shows its loss while it falls, and reads the digit in a picture; no script fails."""
    url, folder = origin
    service = Server(tmp_path_factory.mktemp("own"), tiny=tiny, cors_origins=url).start()
    (html,) = (block.text for block in blocks(ROOT / "docs" / "how-to" / "own-page.md") if block.kind == "html")
    (folder / "index.html").write_text(html.replace("http://127.0.0.1:8000", service.base_url))
    page, errors = browser.new_page(), []
    page.set_default_timeout(PATIENCE_MS)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(url)

    page.get_by_role("button", name="Train").click()
    expect(page.locator("#loss")).to_have_text(re.compile(r"\d\.\d"))
    with service.client() as client:
        finished(client, client.get("/v1/jobs").json()["data"][0]["id"])
    page.locator("#picture").set_input_files(ROOT / "docs" / "seven.png")
    expect(page.locator("#digit")).to_have_text("7")
    page.close()
    service.stop()
    assert errors == []


#: Follows a job as most pages do, without a close; returns the last event's number and the state once it has stopped.
FOLLOW = """url => new Promise((resolve) => {
  const source = new EventSource(url), seen = [];
  for (const type of ["status", "steps", "epoch", "checkpoint", "diagnostic"])
    source.addEventListener(type, (event) => seen.push(Number(event.lastEventId)));
  source.onmessage = (event) => seen.push("message");
  source.onerror = () => { if (source.readyState === EventSource.CLOSED) resolve(seen); };
})"""


def test_an_event_source_stops_by_itself(browser: Browser, session_server: Server, trained: Json) -> None:
    """A browser reconnects once after the last event, gets a 204 and stops; it has seen each event once."""
    page = browser.new_page()
    page.goto(f"{session_server.base_url}/docs")
    path = f"{session_server.base_url}/v1/jobs/{trained['id']}/events"
    answers: list[int] = []
    page.on("response", lambda response: answers.append(response.status) if response.url == path else None)
    seen = page.evaluate(FOLLOW, path)
    page.close()
    assert seen == list(range(1, len(seen) + 1))
    assert answers == [200, 204]
