"""Models: a name with numbered versions, each a checkpoint, and aliases that point at versions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from naivenet.datasets import MNIST_TEST_SET

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
        test_set: The digest of the test set of that accuracy; None if it is not known, as of older versions.
        shipped: Whether its checkpoint came with the package.
    """

    model: str
    version: int
    checkpoint_id: str
    job_id: str | None
    test_accuracy: float | None
    test_set: str | None = None
    shipped: bool = False
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class Alias:
    """A name that points at a version.

    Attributes:
        pinned: Whether a client set it. Otherwise it follows the version that `to_serve` chooses.
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


#: The share of MNIST's test images that a network must read right before it replaces the shipped one: what the preset
#: ``accurate`` promises.
READS_WELL = 0.98


def to_serve(versions: Sequence[Version], *, live: int | None = None) -> Version | None:
    """Return the version that the alias ``live`` follows: the best one that was trained here, as `best` compares.

    A shipped network stands in until a network of the service's own reads `READS_WELL` of MNIST's test images. Up to
    then, both are compared by their accuracy, so that no bad experiment replaces it.

    Args:
        versions: Of one model.
        live: The number of the version that the alias points at.
    """
    own = best([each for each in versions if not each.shipped], live=live)
    if own and own.test_set == MNIST_TEST_SET and (own.test_accuracy or 0.0) >= READS_WELL:
        return own
    return best(versions, live=live)


def best(versions: Sequence[Version], *, live: int | None = None) -> Version | None:
    """Return the version with the highest test accuracy, the newest of equals; without a tested one, the newest.

    Only versions that were tested on the same test set are compared: on MNIST's, if there are any; else on that of the
    version *live*; else on that of the first version. Versions whose test set is not known come after all others.

    Args:
        versions: Of one model.
        live: The number of the version that the alias ``live`` points at.
    """
    tested = [each for each in versions if each.test_accuracy is not None]
    test_set = _test_set(tested, live)
    compared = [each for each in tested if each.test_set == test_set] or versions
    return max(compared, key=accuracy_key, default=None)


def accuracy_key(version: Version) -> tuple[float, int]:
    """Return what orders versions by their test accuracy."""
    return version.test_accuracy if version.test_accuracy is not None else -1.0, version.version


def _test_set(tested: Sequence[Version], live: int | None) -> str | None:
    """Return the test set that counts; None if none is known."""
    known = sorted((each for each in tested if each.test_set is not None), key=lambda each: each.version)
    sets = {each.version: each.test_set for each in known}
    if MNIST_TEST_SET in sets.values():
        return MNIST_TEST_SET
    return sets.get(live or 0) or next(iter(sets.values()), None)


def computed_aliases(versions: Sequence[Version], *, live: int | None = None) -> tuple[Alias, ...]:
    """Return ``best``, as `best` chooses it, and ``latest`` (by number); nothing if the model has no version."""
    top = best(versions, live=live)
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
