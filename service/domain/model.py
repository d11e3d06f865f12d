"""A name that answers predictions: numbered versions, each one checkpoint, and aliases that point at them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

#: The model that is there from the start, and the alias that ``/v1/predict`` uses.
DIGITS, LIVE_ALIAS = "digits", "live"

#: Aliases that every model with a version has, worked out from its versions and never set.
LATEST_ALIAS, BEST_ALIAS = "latest", "best"
COMPUTED_ALIASES = frozenset({LATEST_ALIAS, BEST_ALIAS})


@dataclass(frozen=True, kw_only=True)
class Version:
    """One checkpoint under a model's name.

    Attributes:
        test_accuracy: Of the checkpoint; None where it was never evaluated.
    """

    model: str
    version: int
    checkpoint_id: str
    job_id: str | None
    test_accuracy: float | None
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class Alias:
    """A name for a version.

    Attributes:
        pinned: Whether somebody set it by hand; the others follow the best test accuracy.
        revision: Counts its changes; what ``If-Match`` is held against. 0 where it is computed.
    """

    model: str
    alias: str
    version: int
    pinned: bool
    revision: int


@dataclass(frozen=True, kw_only=True)
class Model:
    """A model with all its versions, newest first, and its aliases, those that are computed among them."""

    name: str
    versions: tuple[Version, ...]
    aliases: tuple[Alias, ...]


def best(versions: Sequence[Version]) -> Version | None:
    """The version with the highest test accuracy, the newest of equals; one never evaluated ranks last."""
    return max(
        versions,
        key=lambda v: (v.test_accuracy if v.test_accuracy is not None else -1.0, v.version),
        default=None,
    )


def computed_aliases(versions: Sequence[Version]) -> tuple[Alias, ...]:
    """``best`` by test accuracy and ``latest`` by number; none where there is no version."""
    top = best(versions)
    if top is None:
        return ()
    newest = max(versions, key=lambda version: version.version)
    named = ((BEST_ALIAS, top), (LATEST_ALIAS, newest))
    return tuple(Alias(model=v.model, alias=alias, version=v.version, pinned=False, revision=0) for alias, v in named)
