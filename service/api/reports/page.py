"""What all reports share: charts as images in two themes, numbers as text, and one HTML file of a template."""

import json
import re
import shlex
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from pprint import pformat
from typing import TYPE_CHECKING, Any, Literal

from service.charts import Chart, ChartRenderer, ChartRequest, Look, Theme
from service.messages import Language, formatted, read_messages

if TYPE_CHECKING:
    from jinja2 import Environment

MISSING = "\N{EN DASH}"
WIDTH = 720

_THEMES: tuple[Theme, ...] = ("light", "dark")

_CURL = "curl {url}/v1/{resource} -H 'Content-Type: application/json' -d {body}"

_PYTHON = """from naivenet_client import Client

body = {body}
with Client("{url}") as client:
    done = client.{resource}.create(body).wait()
    print(done.{result})
"""


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A chart of a report: the message that is its title, and what it draws."""

    title: str
    chart: Chart
    data: Mapping[str, Any]
    height: int = 320


@dataclass(frozen=True, kw_only=True)
class Image:
    """A drawn chart: its SVG in both themes, in Base64. An image runs no script, and its ids meet no other's."""

    title: str
    light: str
    dark: str


@dataclass(frozen=True, kw_only=True)
class ReportFile:
    """A report as HTML, and the name of its file."""

    name: str
    page: str


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table as text; the first cell of a row is its heading."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


async def draw(figures: Sequence[Figure], renderer: ChartRenderer, language: Language) -> list[Image]:
    """Return the charts as images, drawn one after the other: a report keeps no more than one renderer busy."""
    return [
        Image(title=each.title, **{theme: await _svg(each, renderer, language, theme) for theme in _THEMES})
        for each in figures
    ]


async def _svg(figure: Figure, renderer: ChartRenderer, language: Language, theme: Theme) -> str:
    look = Look(theme=theme, language=language, width=WIDTH, height=figure.height, scale=1, live=False)
    request = ChartRequest(chart=figure.chart, form="svg", look=look, data=figure.data)
    return b64encode(await renderer.draw(request)).decode()


def write(template: Literal["job", "experiment"], *, language: Language, **values: Any) -> str:
    """Return a template filled with *values*, and with the messages of reports as ``words``."""
    page = _templates().get_template(f"{template}.html")
    words = read_messages("report", language)
    return page.render(language=language, words=words, now=time_text(datetime.now(UTC)), **values)


@cache
def _templates() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415  # only reports need it

    loader = FileSystemLoader(Path(__file__).parent)
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


def file_name(name: str | None, otherwise: str, resource_id: str) -> str:
    """Return the name of a report's file: ASCII, with the resource's name, or *otherwise* a word for it, and its id."""
    slug = re.sub(r"[^a-z0-9]+", "-", (name or "").lower()).strip("-")[:40]
    return f"{slug or otherwise}-{resource_id}.html"


def curl(url: str, resource: Literal["jobs", "experiments"], body: Mapping[str, Any]) -> str:
    """Return the request that trains the same again, as a command."""
    return _CURL.format(url=url, resource=resource, body=shlex.quote(json.dumps(body)))


def python(url: str, resource: Literal["jobs", "experiments"], body: Mapping[str, Any]) -> str:
    """Return the same as a program."""
    result = "result" if resource == "jobs" else "result()"
    return _PYTHON.format(url=url, resource=resource, result=result, body=pformat(body, width=96, sort_dicts=False))


def share_text(value: float | None, language: Language) -> str:
    """Return a share as a percentage."""
    if value is None:
        return MISSING
    text = formatted(value, ".2%", language)
    return text.replace("%", " %") if language == "es" else text


def time_text(at: datetime) -> str:
    """Return a time to the minute."""
    return f"{at:%Y-%m-%d %H:%M} UTC"


def duration_text(start: datetime | None, end: datetime | None, language: Language) -> str | None:
    """Return the time between, in seconds; None unless both are known."""
    return f"{formatted((end - start).total_seconds(), ',.1f', language)} s" if start and end else None
