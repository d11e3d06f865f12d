"""The documentation's site opens from disk, without a network, and its search works there."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from playwright.sync_api import Browser, Page, expect

import naivenet
import naivenet_client
from tests.browser.visits import PATIENCE_MS

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, as `make docs` builds it: a warning is an error."""
    folder = tmp_path_factory.mktemp("site")
    options = ("--quiet", "--fail-on-warning", "--keep-going")
    subprocess.run([sys.executable, "-m", "sphinx", *options, "docs", str(folder)], cwd=ROOT, check=True)
    return folder


@pytest.fixture
def reading(browser: Browser) -> Iterator[Page]:
    """A page of a browser that may load files only, and must not complain."""
    context = browser.new_context(offline=True)
    context.set_default_timeout(PATIENCE_MS)
    page, requests, messages = context.new_page(), [], []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: messages.append(message.text))
    page.on("pageerror", lambda error: messages.append(str(error)))
    yield page
    context.close()
    assert [url for url in requests if not url.startswith(("file://", "data:"))] == []
    assert messages == []


def test_search_finds_a_page_from_disk(site: Path, reading: Page) -> None:
    """A search for "lease" from the first page lists the life of a job, and leads there."""
    reading.goto((site / "index.html").as_uri())
    reading.get_by_placeholder("Search").fill("lease")
    reading.keyboard.press("Enter")
    found = reading.locator("#search-results").get_by_role("link", name="The life of a job").first
    found.click()
    expect(reading.get_by_role("heading", name="Claims, leases and fencing")).to_be_visible()


def test_no_page_loads_anything_from_elsewhere(site: Path, reading: Page) -> None:
    """Each page shows its heading, and loads its styles, scripts and images from the site's own folder."""
    pages = [page for page in site.rglob("*.html") if page.name not in {"genindex.html", "search.html"}]
    assert len(pages) > 30
    for page in pages:
        reading.goto(page.as_uri())
        expect(reading.get_by_role("heading", level=1).first).to_be_visible()


@pytest.mark.parametrize(("page", "package"), [("library", naivenet), ("client", naivenet_client)])
def test_every_public_name_has_a_reference(site: Path, page: str, package: ModuleType) -> None:
    """The pages made from docstrings have every public name; asynchronous classes are as their blocking twins."""
    text = (site / "reference" / f"{page}.html").read_text(encoding="utf-8")
    names = [name for name in package.__all__ if not name.startswith(("Async", "__"))]
    assert [name for name in names if not re.search(rf"\b{name}\b", text)] == []
