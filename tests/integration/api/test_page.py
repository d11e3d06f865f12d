"""The routes of the page's files: media types, compression, conditional requests and the security policy."""

import re

import httpx2
import pytest

from service.api.http.page_index import imported, without_comments
from service.api.routes.page import assets


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
    """What a first visit loads of the page is less than 100 kB, compressed: a view, its modules, and one language."""
    files = {path: asset.plain for path, asset in assets().items()}
    modules = imported({"main.js", f"views/{view}.js"}, files)
    loaded = {"index.html", "icon.svg", "words/es.json", "styles.css"} | modules
    assert sum(len(assets()[path].gzipped) for path in loaded) < 100_000


def test_modules_are_served_without_comments() -> None:
    """A comment in lines of its own is not sent, nor is indentation; code, its strings and its casts stay."""
    module = "// @ts-check\n\n/**\n * @type {A}\n */\nlet a = `// ${b} */`; // why\n  /** @type {B} */ (a).c();\n"
    assert without_comments(module) == "let a = `// ${b} */`; // why\n/** @type {B} */ (a).c();\n"


def test_the_page_asks_for_its_first_view_at_once() -> None:
    """`/` links one style sheet with all styles, and preloads main.js and the modules of the first view."""
    index = assets()["index.html"].plain.decode()
    assert re.findall(r'rel="stylesheet" href="(.+?)"', index) == ["page/styles.css"]
    styles = [asset.plain for path, asset in assets().items() if path.startswith("styles/")]
    assert all(style in assets()["styles.css"].plain for style in styles)
    preloaded = set(re.findall(r'rel="modulepreload" href="page/(.+?)"', index))
    assert {"main.js", "views/learn.js", "ui/dom.js"} <= preloaded <= set(assets())
