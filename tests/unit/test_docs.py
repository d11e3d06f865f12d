"""The documentation stays true: routes, commands, links and paths are compared with the code."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from service.api.app import create_app
from service.cli.app import app as commands
from service.settings import Settings

ROOT = Path(__file__).parents[2]
SITE = sorted((ROOT / "docs").rglob("*.md"))
PAGES = sorted([*ROOT.glob("*.md"), *SITE])
#: A Markdown link to a file or a heading of this repository.
LINK = re.compile(r"\]\((?!https?://|http:)([^)#\s]*)(?:#([^)\s]+))?\)")


def page(name: str) -> str:
    """The text of a page."""
    return (ROOT / name).read_text(encoding="utf-8")


def test_every_route_is_documented_with_its_scope(tmp_path: Path) -> None:
    """docs/reference/routes.md has each route of the OpenAPI document with its scopes, and no other."""
    rows = re.findall(r"^\| `([A-Z]+ /\S*)` \| ([^|]+) \|", page("docs/reference/routes.md"), re.MULTILINE)
    documented = {route: tuple(re.findall(r"`(\w+)`", scopes)) for route, scopes in rows}
    assert documented == dict(published(tmp_path))


def published(data_dir: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each route of the application with the scopes of which it needs one."""
    for path, operations in create_app(Settings(data_dir=data_dir)).openapi()["paths"].items():
        for method, operation in operations.items():
            if not path.endswith(".{form}"):
                yield f"{method.upper()} {path}", tuple(operation["x-required-scopes"])


def test_every_command_and_option_is_documented() -> None:
    """docs/reference/cli.md has a row for each command, with all options that are not settings, and no other."""
    rows = re.findall(r"^\| `naivenet ([a-z -]+)[^`]*` \| ([^|]*) \|", page("docs/reference/cli.md"), re.MULTILINE)
    documented = {name.strip(): set(re.findall(r"--[a-z-]+", options)) for name, options in rows}
    assert documented == dict(available(typer.main.get_command(commands), ""))


def available(command: typer.core.TyperCommand, path: str) -> Iterator[tuple[str, set[str]]]:
    """Each command with its own options."""
    for name, child in getattr(command, "commands", {}).items():
        yield from available(child, f"{path} {name}".strip())
    if not hasattr(command, "commands"):
        settings = {f"--{name.replace('_', '-')}" for name in Settings.model_fields}
        names = {
            next(each for each in option.opts if each.startswith("--"))
            for option in command.params
            if option.param_type_name == "option"
        }
        yield path, names - settings - {"--help"}


def test_every_setting_is_documented_with_its_default() -> None:
    """docs/reference/settings.md lists every setting with its default, and no other setting."""
    rows = dict(re.findall(r"^\| `NAIVENET_(\w+)` \| ([^|]*?) \|", page("docs/reference/settings.md"), re.MULTILINE))
    assert rows.keys() == {name.upper() for name in Settings.model_fields}
    for name, field in Settings.model_fields.items():
        if isinstance(field.default, str | int | float | bool):
            assert rows[name.upper()] == f"`{field.default}`"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(path: Path) -> None:
    """Each link to a file or a heading of this repository names one that exists."""
    broken = []
    for target, heading in LINK.findall(path.read_text(encoding="utf-8")):
        file = (path.parent / target) if target else path
        if not file.exists() or (heading and heading not in headings(file)):
            broken.append(f"{target}#{heading}")
    assert broken == []


@pytest.mark.parametrize("path", SITE, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_site_links_to_its_own_files(path: Path) -> None:
    """Each link of a page in docs leads to a file in docs, so that the site is complete wherever it is copied."""
    targets = [target for target, _ in LINK.findall(path.read_text(encoding="utf-8")) if target]
    assert [each for each in targets if ROOT / "docs" not in (path.parent / each).resolve().parents] == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_external_links_are_well_formed(path: Path) -> None:
    """Each link to another host is an https address with a host name; no test asks that host."""
    links = re.findall(r"\]\((https?:[^)]*)\)", path.read_text(encoding="utf-8"))
    assert [each for each in links if not re.fullmatch(r"https://(\w[\w-]*\.)+[a-z]{2,}(/[^\s<>]*)?", each)] == []


def headings(path: Path) -> set[str]:
    """The anchors that a Markdown viewer makes of a page's headings."""
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_that_is_named_exists(path: Path) -> None:
    """Each path of the repository in backticks exists: files move, and pages must follow."""
    named = re.findall(r"`((?:naivenet|service|tests|docs|deploy|bench)/[\w/.-]*)`", path.read_text(encoding="utf-8"))
    assert [each for each in named if not (ROOT / each).exists()] == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_page_speaks_of_issues_by_number(path: Path) -> None:
    """No page names an issue by its number, which readers cannot look up."""
    assert re.findall(r"(?i)\bissues? \d+|(?<!\w)#\d+\b", path.read_text(encoding="utf-8")) == []
