"""The page's files: right types, kept by the browser, strict, and in two languages that say the same."""

import json
import re
from importlib import resources

import httpx
import pytest

from service.api.http.problems import TABLE
from service.api.routes.page import assets
from service.training.failures import CODES

WORDS = re.compile(r"\{(\w+)\}")


def dictionary(language: str) -> dict[str, str]:
    """What the page says in a language."""
    words: dict[str, str] = json.loads(
        (resources.files("service") / "page" / "words" / f"{language}.json").read_text(encoding="utf-8")
    )
    return words


def test_the_page_is_at_the_root(client: httpx.Client) -> None:
    """`/` is the page, which allows nothing from another host."""
    answer = client.get("/")
    assert answer.status_code == httpx.codes.OK
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_a_file_that_did_not_change_is_not_sent_again(client: httpx.Client, encoding: str) -> None:
    """Each form of a file has an `ETag`; who has it is answered 304, with nothing."""
    first = client.get("/page/style.css", headers={"Accept-Encoding": encoding})
    assert first.headers["cache-control"] == "no-cache"
    headers = {"Accept-Encoding": encoding, "If-None-Match": first.headers["etag"]}
    again = client.get("/page/style.css", headers=headers)
    assert (again.status_code, again.content) == (httpx.codes.NOT_MODIFIED, b"")


def test_modules_have_the_type_that_browsers_insist_on(client: httpx.Client) -> None:
    """A module is JavaScript, compressed for whoever takes it."""
    answer = client.get("/page/main.js", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["content-encoding"] == "gzip"


@pytest.mark.parametrize("path", ["nothing.js", "../api/app.py", "%2e%2e/settings.py", ""])
def test_nothing_else_is_served(client: httpx.Client, path: str) -> None:
    """What is no part of the page is a 404, wherever it points."""
    assert client.get(f"/page/{path}").status_code == httpx.codes.NOT_FOUND


def test_the_whole_page_is_light() -> None:
    """All of it is far below a megabyte and a half, compressed."""
    assert sum(len(asset.packed) for asset in assets().values()) < 100_000


#: What the service itself says in English: other languages have it by its code.
BY_CODE = ("wrong.", "failure.", "problem.")


def test_both_languages_say_the_same() -> None:
    """Each sentence is there in both, with the same values in it."""
    english, spanish = dictionary("en"), dictionary("es")
    assert list(english) == [name for name in spanish if not name.startswith(BY_CODE)]
    for name, sentence in english.items():
        assert set(WORDS.findall(sentence)) == set(WORDS.findall(spanish[name])), name


def test_what_goes_wrong_has_spanish_words() -> None:
    """Every code of an error of ours, and every one that a failed job can have."""
    codes = [f"problem.{code}" for _, code in TABLE.values()] + [f"failure.{code}" for code in CODES]
    assert set(codes) - set(dictionary("es")) == set()


def test_every_sentence_that_a_module_says_is_there() -> None:
    """No module names a sentence that the dictionaries have not."""
    source = "".join(asset.plain.decode() for name, asset in assets().items() if name.endswith(".js"))
    assert set(re.findall(r'\bt\("([\w.]+)"', source)) - set(dictionary("en")) == set()
