"""The text alternative of a chart: what each of its curves shows, in a sentence."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from service.charts.labels import label
from service.charts.request import Look
from service.messages import formatted

#: A text alternative describes so many curves; it is read aloud.
MOST_CURVES = 8


@dataclass(frozen=True, kw_only=True)
class Described:
    """A curve, by its name, and its values in their order."""

    name: str
    values: Sequence[float | None]


def described(curves: Sequence[Described], data: dict[str, Any], look: Look) -> str:
    """Return for each curve where it begins and ends, its lowest and its highest value."""
    form = ".2%" if data.get("share") else ".4g"

    def sentence(curve: Described) -> str:
        known = [value for value in curve.values if value is not None and math.isfinite(value)]
        if not known:
            return ""
        numbers = {"first": known[0], "last": known[-1], "low": min(known), "high": max(known)}
        texts = {name: formatted(number, form, look.language) for name, number in numbers.items()}
        return label(look, "described", curve=curve.name, **texts)

    return " ".join(filter(None, map(sentence, curves[:MOST_CURVES])))
