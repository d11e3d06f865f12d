"""The routes of the page's files: media types, compression, conditional requests and the security policy."""

import re
from importlib import resources

import httpx2
import pytest

from service.api.routes.page import assets

STYLES = [path for path in assets() if path.startswith("styles/")]


def test_the_page_is_at_the_root(client: httpx2.Client) -> None:
    """`/` returns the page, whose content security policy allows nothing from another host."""
    answer = client.get("/")
    assert answer.status_code == httpx2.codes.OK
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_an_unchanged_file_is_not_sent_again(client: httpx2.Client, encoding: str) -> None:
    """Each encoding of a file has its own `ETag`; a conditional request with it gets an empty 304 response."""
    first = client.get("/page/styles/theme.css", headers={"Accept-Encoding": encoding})
    assert first.headers["cache-control"] == "no-cache"
    headers = {"Accept-Encoding": encoding, "If-None-Match": first.headers["etag"]}
    again = client.get("/page/styles/theme.css", headers=headers)
    assert (again.status_code, again.content) == (httpx2.codes.NOT_MODIFIED, b"")


def test_modules_have_the_media_type_that_browsers_require(client: httpx2.Client) -> None:
    """A module has the media type of JavaScript, and is compressed for clients that accept gzip."""
    answer = client.get("/page/main.js", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["content-encoding"] == "gzip"


@pytest.mark.parametrize("path", ["nothing.js", "../api/app.py", "%2e%2e/settings.py", ""])
def test_no_other_file_is_served(client: httpx2.Client, path: str) -> None:
    """Any other path is a 404, also one that leaves the folder."""
    assert client.get(f"/page/{path}").status_code == httpx2.codes.NOT_FOUND


@pytest.mark.parametrize("view", re.findall(r"views/(\w+)\.js", assets()["main.js"].plain.decode()))
def test_a_first_view_is_small(view: str) -> None:
    """A first visit loads less than 85 kB of the page, compressed, with the script of its view; then come its data."""
    loaded = {"index.html", "icon.svg", "words/es.json", "styles.css", "joined/main.js"}
    loaded.add("joined/views/learn_run.js" if view == "learn" else f"joined/views/{view}.js")
    assert sum(len(assets()[path].gzipped) for path in loaded) < 85_000


def test_the_page_asks_for_one_style_sheet_and_one_script() -> None:
    """`/` links one style sheet with the rules of all, and one script with the modules of the first view."""
    index = assets()["index.html"].plain.decode()
    assert re.findall(r'(?:src|rel="stylesheet" href)="(.+?)"', index) == ["page/joined/main.js", "page/styles.css"]
    rules = {line.strip() for path in STYLES for line in assets()[path].plain.decode().splitlines() if "{" in line}
    assert rules <= set(assets()["styles.css"].plain.decode().splitlines())


def test_the_source_of_the_page_is_served_for_debugging(client: httpx2.Client) -> None:
    """`/?source` returns the page with its modules as they are in the repository; each can be opened at its address."""
    assert '<script type="module" src="page/main.js">' in client.get("/?source").text
    for name in ("main.js", "views/learn.js"):
        assert client.get(f"/page/{name}").content == (resources.files("service") / "page" / name).read_bytes()
