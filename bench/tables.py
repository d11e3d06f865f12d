"""Turns measurements into what a table shows: the median, and how far the rounds lay apart."""

from collections.abc import Iterable, Sequence
from statistics import median

Values = Sequence[float]


def spread(values: Values, form: str = ".2f", unit: str = "") -> str:
    """Show the median of *values* with the least and the largest of them, each written in *form*."""
    middle = f"{median(values):{form}}{unit}"
    return middle if len(values) == 1 else f"{middle} ({min(values):{form}}..{max(values):{form}})"


def ratios(values: Values, others: Values) -> list[float]:
    """What each round's value is to the other's value in the same round."""
    return [value / other for value, other in zip(values, others, strict=True)]


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Lines of a Markdown table, its first column to the left and the others to the right."""
    rule = ["---"] + ["---:"] * (len(header) - 1)
    return ["| " + " | ".join(cells) + " |" for cells in [header, rule, *rows]]
