"""Prints what commands found: tables and fields for people, tab-separated lines for pipes, JSON for programs."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
import typer

_KILO = 1000

#: The width at which a table is measured, in columns.
_WIDEST = 10_000


def is_terminal() -> bool:
    """Return whether a person sees the output."""
    return sys.stdout.isatty()


def print_json(value: Any) -> None:
    """Print a value as one JSON document."""
    typer.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())


def print_body(body: bytes) -> None:
    """Print the JSON of a response, indented."""
    print_json(orjson.loads(body))


def print_pages(bodies: Iterable[bytes]) -> None:
    """Print the items of all pages of a list as one JSON array. Other responses have no items, such as a webhook."""
    print_json([item for body in bodies for item in orjson.loads(body).get("data", ())])


def print_array(bodies: Iterable[bytes]) -> None:
    """Print several responses as one JSON array."""
    print_json([orjson.loads(body) for body in bodies])


def print_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table with a header: aligned on a terminal, with tabs between the columns in a pipe.

    On a terminal that is too narrow for the longest word of each column, each row becomes lines of its own.
    """
    lines = ([text(cell) for cell in row] for row in rows)
    if not is_terminal():
        for line in [header, *lines]:
            typer.echo("\t".join(line))
    else:
        _print_aligned(header, list(lines))


def _print_aligned(header: Sequence[str], lines: Sequence[Sequence[str]]) -> None:
    from rich.console import Console  # noqa: PLC0415  # `--help` and pipes do not need it
    from rich.measure import Measurement  # noqa: PLC0415  # likewise
    from rich.table import Table  # noqa: PLC0415  # likewise
    from rich.text import Text  # noqa: PLC0415  # likewise

    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for name in header:
        table.add_column(name, no_wrap=name in {"id", "checkpoint", "created"}, overflow="fold")
    for line in lines:
        table.add_row(*map(Text, line))  # no markup: names come from users
    console = Console()
    if Measurement.get(console, console.options.update(max_width=_WIDEST), table).minimum <= console.width:
        console.print(table)
        return
    for line in lines:
        print_fields(dict(zip(header, line, strict=True)))
        typer.echo()


def print_fields(fields: Mapping[str, object]) -> None:
    """Print the fields that have a value, one a line, for a terminal."""
    shown = {name: text(value) for name, value in fields.items() if value not in (None, "")}
    width = max(map(len, shown), default=0)
    for name, value in shown.items():
        typer.echo(f"{name:<{width}}  {value}")


def text(value: object) -> str:
    """Return a value for people: local times, four decimals, and no control characters, which steer terminals."""
    match value:
        case None:
            return ""
        case float():
            return f"{value:.4f}"
        case datetime():
            return f"{value.astimezone():%Y-%m-%d %H:%M}"
    return "".join(each if each.isprintable() else " " for each in str(value))


def origin(*, job_id: str | None, shipped: bool) -> str:
    """Return where a network comes from: its job, or how it arrived without one."""
    return job_id or ("shipped" if shipped else "upload")


def size(count: int) -> str:
    """Return a number of bytes for people: 1.6 MB."""
    if count < _KILO:
        return f"{count} B"
    number, units = count / _KILO, iter(("kB", "MB", "GB"))
    unit = next(units)
    while number >= _KILO and (larger := next(units, "")):
        number, unit = number / _KILO, larger
    return f"{number:.1f} {unit}"
