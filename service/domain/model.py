"""Models: a name with numbered versions, each a checkpoint, and aliases that point at versions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

#: The model that always exists, and the alias that ``/v1/predict`` uses.
DIGITS, LIVE_ALIAS = "digits", "live"

#: Aliases that are computed from a model's versions; clients cannot set them.
LATEST_ALIAS, BEST_ALIAS = "latest", "best"
COMPUTED_ALIASES = frozenset({LATEST_ALIAS, BEST_ALIAS})


@dataclass(frozen=True, kw_only=True)
class Version:
    """A checkpoint under a model's name.

    Attributes:
        test_accuracy: The checkpoint's; None if it was never evaluated.
    """

    model: str
    version: int
    checkpoint_id: str
    job_id: str | None
    test_accuracy: float | None
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class Alias:
    """A name that points at a version.

    Attributes:
        pinned: Whether a client set it. Otherwise it follows the version with the best test accuracy.
        revision: The number of its changes; ``If-Match`` is compared with it. 0 for a computed alias.
    """

    model: str
    alias: str
    version: int
    pinned: bool
    revision: int


@dataclass(frozen=True, kw_only=True)
class Model:
    """A model with all its versions, newest first, and all its aliases, computed ones included."""

    name: str
    versions: tuple[Version, ...]
    aliases: tuple[Alias, ...]


def best(versions: Sequence[Version]) -> Version | None:
    """Return the version with the highest test accuracy, the newest of equals; unevaluated versions rank last."""
    return max(versions, key=accuracy_key, default=None)


def accuracy_key(version: Version) -> tuple[float, int]:
    """Return what orders versions by their test accuracy."""
    return version.test_accuracy if version.test_accuracy is not None else -1.0, version.version


def computed_aliases(versions: Sequence[Version]) -> tuple[Alias, ...]:
    """Return ``best`` (by test accuracy) and ``latest`` (by number); nothing if the model has no version."""
    top = best(versions)
    if top is None:
        return ()
    newest = max(versions, key=lambda version: version.version)
    named = ((BEST_ALIAS, top), (LATEST_ALIAS, newest))
    return tuple(Alias(model=v.model, alias=alias, version=v.version, pinned=False, revision=0) for alias, v in named)


def retired(model: Model, *, keep: int | None) -> list[Version]:
    """Return the versions beyond the newest *keep* that no alias points at, computed ones included; None keeps all."""
    if keep is None:
        return []
    named = {alias.version for alias in model.aliases}
    newest = sorted(model.versions, key=lambda version: version.version, reverse=True)
    return [version for version in newest[keep:] if version.version not in named]
