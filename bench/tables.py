"""Formats measurements for tables: the median, and the least and largest of the rounds."""

from collections.abc import Iterable, Sequence
from statistics import median

Values = Sequence[float]


def spread(values: Values, form: str = ".2f", unit: str = "") -> str:
    """Return the median of *values*, with the least and the largest in brackets, each formatted by *form*."""
    middle = f"{median(values):{form}}{unit}"
    return middle if len(values) == 1 else f"{middle} ({min(values):{form}}..{max(values):{form}})"


def ratios(values: Values, others: Values) -> list[float]:
    """Return the ratio of the two values of each round."""
    return [value / other for value, other in zip(values, others, strict=True)]


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a Markdown table; the first column is aligned left, the others right."""
    rule = ["---"] + ["---:"] * (len(header) - 1)
    return ["| " + " | ".join(cells) + " |" for cells in [header, rule, *rows]]
