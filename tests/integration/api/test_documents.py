"""The README and the notebooks, served from the package."""

import re
import zipfile
from html.parser import HTMLParser
from pathlib import Path

import httpx2
import nbformat
import pytest
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parents[3]


class Links(HTMLParser):
    """Collects the addresses that a page links."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep where an anchor or a picture points."""
        self.found += [value or "" for name, value in attrs if name in {"href", "src"} and tag in {"a", "img"}]


def links_of(answer: httpx2.Response) -> list[str]:
    """The addresses that a page links."""
    parser = Links()
    parser.feed(answer.text)
    return parser.found


def test_the_readme_is_a_page_without_broken_links(client: httpx2.Client) -> None:
    """It is rendered, and what would lead to a file of the repository is text."""
    answer = client.get("/readme")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "<h1>naivenet</h1>" in answer.text
    assert "<table>" in answer.text
    assert all(link.startswith("http") for link in links_of(answer))


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_notebook_is_listed_and_downloads(client: httpx2.Client, language: str) -> None:
    """The list begins with those in the reader's language; each is a notebook under its name."""
    answer = client.get("/notebooks", headers={"accept-language": language})
    links = links_of(answer)
    assert links[0].startswith(f"notebooks/{language}/1-")
    assert len(links) == len(list((ROOT / "notebooks").glob("*/*.ipynb")))
    for link in links:
        file = client.get(f"/{link}")
        assert file.headers["content-disposition"] == f'attachment; filename="{link.rpartition("/")[2]}"'
        nbformat.validate(nbformat.reads(file.text, as_version=4))


@pytest.mark.parametrize("path", ["en/nothing.ipynb", "en/..%2F..%2Fpyproject.toml", "fr/1-from-scratch.ipynb"])
def test_no_other_file_is_served(client: httpx2.Client, path: str) -> None:
    """Any other path is a 404."""
    assert client.get(f"/notebooks/{path}").status_code == httpx2.codes.NOT_FOUND


def test_the_wheel_contains_the_notebooks(tmp_path: Path) -> None:
    """An installed package has them without a clone; the image is built from the same wheel."""
    (wheel,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    names = zipfile.ZipFile(wheel).namelist()
    expected = {
        f"service/notebooks/{file.relative_to(ROOT / 'notebooks')}" for file in ROOT.glob("notebooks/*/*.ipynb")
    }
    assert expected <= set(names)
    assert re.search(r"^COPY notebooks notebooks$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
