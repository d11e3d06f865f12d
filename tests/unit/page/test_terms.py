"""The page's terms: a sentence for each in both languages, and a chapter that the notebooks have."""

import json
import re
from pathlib import Path

import pytest

import service

PAGE = Path(service.__file__).parent / "page"
NOTEBOOKS = Path(__file__).parents[3] / "notebooks"
SOURCE = (PAGE / "ui" / "term.js").read_text(encoding="utf-8")

LANGUAGES = ("en", "es")


def words(language: str, prefix: str) -> dict[str, str]:
    """Return the sentences whose keys begin with *prefix*, by the rest of the key."""
    every = json.loads((PAGE / "words" / f"{language}.json").read_text(encoding="utf-8"))
    return {key.removeprefix(prefix): sentence for key, sentence in every.items() if key.startswith(prefix)}


def chapters() -> dict[str, list[str]]:
    """Return the terms of each chapter, as the module lists them."""
    table = SOURCE[SOURCE.index("CHAPTERS = {") : SOURCE.index("};")]
    return {name: re.findall(r'"(\w+)"', terms) for name, terms in re.findall(r"(\w+): \[([^\]]*)\]", table)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_term_has_its_name_and_a_sentence(language: str) -> None:
    """The word files have exactly the terms of the module, each as "Name: sentence."."""
    terms = words(language, "term.")
    assert set(terms) == {name for names in chapters().values() for name in names}
    assert [name for name, text in terms.items() if not re.fullmatch(r"[^:]{1,40}: .{20,}\.", text)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_chapter_is_a_heading_of_a_notebook(language: str) -> None:
    """A chapter such as "Notebook 1, “A layer”" is a heading of the first notebook in that language."""
    named = words(language, "chapter.")
    assert set(named) == set(chapters())
    for chapter in named.values():
        number, heading = re.fullmatch(r"\w+ (\d), [“«](.*)[”»]", chapter).groups()
        (notebook,) = (NOTEBOOKS / language).glob(f"{number}-*.ipynb")
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        headings = "".join("".join(cell["source"]) + "\n" for cell in cells if cell["cell_type"] == "markdown")
        assert re.search(rf"^#+ {re.escape(heading)}$", headings, re.MULTILINE), chapter


def test_every_term_on_a_view_exists() -> None:
    """A module that calls `term("x")` or `termMark("x")` names a term that there is."""
    modules = "".join(path.read_text(encoding="utf-8") for path in PAGE.rglob("*.js"))
    used = set(re.findall(r'\bterm(?:Mark)?\("(\w+)"', modules))
    assert used <= set(words("en", "term."))
