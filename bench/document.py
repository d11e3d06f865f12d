"""Writes docs/explanation/benchmarks.md: each benchmark replaces the section between its own two comments."""

from collections.abc import Sequence
from pathlib import Path

DOCS = Path(__file__).parent.parent / "docs" / "explanation"
PATH = DOCS / "benchmarks.md"

_SECTIONS = (
    "service",
    "serving",
    "training",
    "record",
    "access",
    "scale",
    "load",
    "cluster",
    "page",
    "pictures",
    "drawn",
    "experiments",
)
_FRAME = """# Benchmarks

Every figure is the median of interleaved rounds (A B C, A B C, ...), with the least and the largest beside it; every
ratio is the median of the ratios within a round. `make bench` and its
sisters (`make help` lists them) measure anew, and each rewrites its own section of this page.
"""


def write_section(name: str, lines: Sequence[str]) -> None:
    """Replace the section of that *name* by *lines*; a page that is not there is begun."""
    page = PATH.read_text() if PATH.exists() else _empty()
    opening, closing = _marks(name)
    before, opened, rest = page.partition(opening)
    _, closed, after = rest.partition(closing)
    if not opened or not closed:
        raise ValueError(f"{PATH} has no section between {opening} and {closing}")
    PATH.write_text("".join([before, opened, "\n", "\n".join(lines), "\n", closed, after]))


def publish(name: str, lines: Sequence[str], *, dry: bool) -> None:
    """Print the lines, and unless *dry* write them as the section of that *name*."""
    print("\n".join(lines))
    if not dry:
        write_section(name, lines)
        print(f"\nwritten to {PATH}")


def _empty() -> str:
    return "\n".join([_FRAME, *("\n".join(_marks(name)) + "\n" for name in _SECTIONS)])


def _marks(name: str) -> tuple[str, str]:
    return f"<!-- bench:{name} -->", f"<!-- /bench:{name} -->"
