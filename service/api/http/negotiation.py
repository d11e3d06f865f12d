"""Content negotiation: chooses a response's media type and coding by the request's headers (RFC 9110, 12.5)."""

import functools
import re
from collections.abc import Sequence

from service.errors import NotAcceptable

_WEIGHT = re.compile(r"0(\.\d{0,3})?|1(\.0{0,3})?", re.ASCII)  # RFC 9110, 12.4.2


def choose(accept: str | None, offered: Sequence[str]) -> str:
    """Return the offered media type with the highest weight in *accept*; the first one on a tie.

    Raises:
        NotAcceptable: *accept* allows none of them.
    """
    ranges = [_weighted(part) for part in (accept or "*/*").split(",")]
    best = max(offered, key=lambda offer: _weight_of(offer, ranges))
    if _weight_of(best, ranges) == 0:
        raise NotAcceptable(
            f"This route answers with {', '.join(offered)}; the Accept header {accept!r} allows none of them."
        )
    return best


@functools.lru_cache(maxsize=256)
def choose_coding(accept_encoding: bytes) -> str | None:
    """Return the content coding that the header allows: gzip or else deflate; None for the plain body."""
    weights = dict(_weighted(part) for part in accept_encoding.decode("latin-1").split(","))
    best = max(("gzip", "deflate"), key=lambda coding: weights.get(coding, weights.get("*", 0.0)))
    return best if weights.get(best, weights.get("*", 0.0)) > 0 else None


@functools.lru_cache(maxsize=256)
def choose_language(accept_language: str, offered: tuple[str, ...]) -> str:
    """Return the offered language with the highest weight (RFC 9110, 12.5.4); the first one on a tie."""
    ranges = [(name.partition("-")[0], weight) for name, weight in map(_weighted, accept_language.split(","))]
    weights = {name: max(w for each, w in ranges if each == name) for name, _ in ranges}
    return max(offered, key=lambda name: weights.get(name, weights.get("*", 0.0)))


def _weighted(part: str) -> tuple[str, float]:
    media, *parameters = (piece.strip() for piece in part.split(";"))
    weight = next((p.removeprefix("q=") for p in parameters if p.startswith("q=")), "1")
    return media.lower(), float(weight) if _WEIGHT.fullmatch(weight) else 0.0


def _weight_of(offer: str, ranges: Sequence[tuple[str, float]]) -> float:
    """Return the weight of the most specific media range that *offer* matches; 0 if it matches none."""
    candidates = (offer, f"{offer.partition('/')[0]}/*", "*/*")
    return next((weight for each in candidates for media, weight in ranges if media == each), 0.0)
