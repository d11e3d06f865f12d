"""A real browser on a real service: Debian's Chromium, which must neither ask another host nor complain."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.visits import ARGUMENTS, CHROMIUM, PATIENCE_MS, Visit
from tests.servers import Json, Server, finished


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is here, and where there is no browser say so once."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if CHROMIUM is None and "visit" in getattr(item, "fixturenames", ()):
                item.add_marker(pytest.mark.skip(reason="no Chromium is installed; `make browser` does it"))


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory, tiny: Path) -> Iterator[Server]:
    """A service for the page's tests, with MNIST and the tiny dataset."""
    server = Server(tmp_path_factory.mktemp("page"), tiny=tiny, max_running_jobs=2).start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def reader(served: Server) -> Json:
    """A job that has learnt to read real MNIST."""
    with served.client() as client:
        answer = client.post("/v1/jobs", json={"preset": "accurate", "epochs": 2, "seed": 1, "name": "reader"})
        assert answer.status_code == httpx.codes.ACCEPTED, answer.text
        job = finished(client, answer.json()["id"])
        assert job["status"] == "succeeded", job
        return job


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, started once."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser: Browser, served: Server, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """A new visitor; afterwards the console must be empty and no other host have been asked."""
    options = {"locale": "en-US", "viewport": {"width": 1280, "height": 800}, **getattr(request, "param", {})}
    context = browser.new_context(**options)
    context.set_default_timeout(PATIENCE_MS)
    visiting = Visit(page=context.new_page(), base_url=served.base_url)
    visiting.page.on("console", lambda message: visiting.said.append(message.text))
    visiting.page.on("pageerror", lambda error: visiting.said.append(str(error)))
    visiting.page.on("request", lambda asked: visiting.asked.append(asked.url))
    yield visiting
    context.close()
    assert visiting.said == []
    assert visiting.strangers() == []
