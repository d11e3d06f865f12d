"""How values are printed."""

from datetime import UTC, datetime

import pytest

from service.cli import output


@pytest.mark.parametrize(
    ("count", "expected"),
    [(0, "0 B"), (999, "999 B"), (1_000, "1.0 kB"), (1_628_456, "1.6 MB"), (3_200_000_000_000, "3200.0 GB")],
)
def test_sizes_are_readable(count: int, expected: str) -> None:
    """A number of bytes has at most one decimal and a unit."""
    assert output.size(count) == expected


def test_values_are_readable() -> None:
    """Numbers have four decimals, times are local, and what does not exist is empty."""
    moment = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
    assert output.text(0.98126) == "0.9813"
    assert output.text(None) == ""
    assert output.text(moment) == f"{moment.astimezone():%Y-%m-%d %H:%M}"


def test_names_cannot_steer_a_terminal() -> None:
    """Control characters in what other users have typed become spaces."""
    assert output.text("red\x1b[31m\ttab\nline") == "red [31m tab line"


def test_a_table_in_a_pipe_has_a_header_and_tabs(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a terminal, the columns are separated by tabs, without colour."""
    output.print_table(("id", "name"), [("job_1", "a [red]name[/red]"), ("job_2", None)])
    assert capsys.readouterr().out == "id\tname\njob_1\ta [red]name[/red]\njob_2\t\n"


def test_a_table_on_a_terminal_fits_80_columns(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The id stays whole, markup in names is only text, and no line is longer than the terminal."""
    monkeypatch.setattr(output, "is_terminal", lambda: True)
    monkeypatch.setenv("COLUMNS", "80")
    job = "job_01m84c1jy4e3jte4zp011kt9e9"
    output.print_table(
        ("id", "name", "status", "step", "accuracy"),
        [(job, "[red]a name of many words", "succeeded", "4690/4690", 0.98)],
    )
    shown = capsys.readouterr().out
    assert job in shown
    assert "[red]" in shown
    assert max(map(len, shown.splitlines())) <= 80


def test_a_row_that_is_wider_than_the_terminal_becomes_fields(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Columns that cannot all have their longest word would be letters below each other: each row is fields instead."""
    monkeypatch.setattr(output, "is_terminal", lambda: True)
    monkeypatch.setenv("COLUMNS", "80")
    header = ("id", "name", "first url", "second url", "third")
    output.print_table(header, [("1", "a", "u" * 40, "v" * 40, None), ("2", "b", "", "", "last")])
    first = f"id          1\nname        a\nfirst url   {'u' * 40}\nsecond url  {'v' * 40}\n"
    assert capsys.readouterr().out == f"{first}\nid     2\nname   b\nthird  last\n\n"
