"""Chooses the form of an answer by the request's Accept header."""

import re
from collections.abc import Sequence

from service.errors import NotAcceptable

_WEIGHT = re.compile(r"0(\.\d{0,3})?|1(\.0{0,3})?", re.ASCII)  # RFC 9110, 12.4.2


def choose(accept: str | None, offered: Sequence[str]) -> str:
    """The offered media type that the caller likes best, the first of equals.

    Raises:
        NotAcceptable: It accepts none of them.
    """
    wanted = [_weighted(part) for part in (accept or "*/*").split(",")]
    best = max(offered, key=lambda offer: _liking(offer, wanted))
    if _liking(best, wanted) == 0:
        raise NotAcceptable(f"This is answered as {', '.join(offered)}; the Accept header was {accept!r}.")
    return best


def _weighted(part: str) -> tuple[str, float]:
    media, *parameters = (piece.strip() for piece in part.split(";"))
    weight = next((p.removeprefix("q=") for p in parameters if p.startswith("q=")), "1")
    return media.lower(), float(weight) if _WEIGHT.fullmatch(weight) else 0.0


def _liking(offer: str, wanted: Sequence[tuple[str, float]]) -> float:
    """The weight of the most specific range that *offer* falls into, 0 where none does."""
    ranges = (offer, f"{offer.partition('/')[0]}/*", "*/*")
    return next((weight for one in ranges for media, weight in wanted if media == one), 0.0)
