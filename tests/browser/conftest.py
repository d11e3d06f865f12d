"""A real browser on a real service. The page may neither call another host nor write to the console."""

from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.visits import ARGUMENTS, CHROMIUM, PATIENCE_MS, Visit
from tests.servers import Json, Server, finished, start_job

expect.set_options(timeout=PATIENCE_MS)

#: Saves a fifth of a visit's processor time: Chromium would start several renderer processes for each.
ONE_RENDERER = ["--disable-site-isolation-trials", "--renderer-process-limit=1"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this directory, and skip them where there is no browser."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if CHROMIUM is None and "browser" in getattr(item, "fixturenames", ()):
                item.add_marker(pytest.mark.skip(reason="no Chromium is installed; `make browser` installs it"))


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory, tiny: Path) -> Iterator[Server]:
    """A service for all tests of the page, with MNIST and the tiny dataset."""
    server = Server(tmp_path_factory.mktemp("page"), tiny=tiny, max_running_jobs=2).start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def api(served: Server) -> Iterator[httpx2.Client]:
    """A client of the service."""
    with served.client() as client:
        yield client


@pytest.fixture(scope="session")
def reader(api: httpx2.Client) -> Json:
    """A finished job that reads real MNIST digits."""
    job = finished(api, start_job(api, dataset="mnist", preset="accurate", epochs=2, name="reader"))
    assert job["status"] == "succeeded", job
    return job


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, started once."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, *ONE_RENDERER])
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser: Browser, served: Server, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """A new visitor. At the end the console must be empty, and every request must have gone to the service."""
    options = {"locale": "en-US", "viewport": {"width": 1280, "height": 800}, **getattr(request, "param", {})}
    context = browser.new_context(**options)
    context.set_default_timeout(PATIENCE_MS)
    visiting = Visit(page=context.new_page(), base_url=served.base_url)
    visiting.page.on("console", lambda message: visiting.messages.append(message.text))
    visiting.page.on("pageerror", lambda error: visiting.messages.append(str(error)))
    visiting.page.on("request", lambda sent: visiting.requests.append(sent.url))
    yield visiting
    context.close()
    assert visiting.messages == []
    assert visiting.foreign_requests() == []
