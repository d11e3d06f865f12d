"""The prose is plain English: words that made readers stumble stay out of code, docs and the OpenAPI document."""

import json
import re
from pathlib import Path

import pytest

from service.api.app import create_app
from service.settings import Settings

ROOT = Path(__file__).parents[2]
FOLDERS = ("naivenet", "service", "client", "tests", "bench", "deploy", "docs")
SUFFIXES = {".py", ".js", ".html", ".md", ".yml"}
FILES = sorted(
    path
    for path in [*ROOT.glob("*.md"), *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*"))]
    if path.suffix in SUFFIXES and path != Path(__file__)
)

#: Words of riddles, and of the dialect of the first version. docs/reference/glossary.md has the words to use instead.
BANNED = re.compile(
    r"\b(told|tell|tells|telling|hears|whoever|whatever becomes|nobody|somebody|anybody|what is (asked|told)"
    r"|those (that|who)"
    r"|draughtsm[ae]n|holder|parcels?|a job's pen)\b",
    re.IGNORECASE,
)

#: Names in stored files and in other libraries that cannot change, and the plain answer of an unclear experiment.
ALLOWED = re.compile(r"""["']told["']|\.tell\(\)|\bCannot tell\b""")


def riddles(text: str) -> list[str]:
    """The banned words of a text, with their lines."""
    lines = (ALLOWED.sub("", line) for line in text.splitlines())
    return [f"{number}: {line.strip()[:100]}" for number, line in enumerate(lines, 1) if BANNED.search(line)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_have_no_riddles(path: Path) -> None:
    """Names, comments, docstrings and messages use plain words."""
    assert riddles(path.read_text(encoding="utf-8")) == []


def test_the_openapi_document_has_no_riddles(tmp_path: Path) -> None:
    """The summaries and descriptions of the OpenAPI document have none of these words."""
    document = create_app(Settings(data_dir=tmp_path)).openapi()
    assert riddles(json.dumps(document, indent=1)) == []


@pytest.mark.parametrize("language", ["en"])
def test_the_page_has_no_riddles(language: str) -> None:
    """The sentences of the page have none of these words."""
    words = json.loads((ROOT / "service" / "page" / "words" / f"{language}.json").read_text(encoding="utf-8"))
    assert riddles(json.dumps(words, indent=1)) == []
