"""Models: names with numbered versions, and aliases that point at versions."""

from datetime import datetime

from msgspec import Struct


class Version(Struct, frozen=True, kw_only=True):
    """A version of a model: one checkpoint. A *shipped* one came with the service."""

    version: int
    checkpoint_id: str
    created_at: datetime
    job_id: str | None = None
    test_accuracy: float | None = None
    test_set: str | None = None
    shipped: bool = False
    state: str = "AVAILABLE"


class Alias(Struct, frozen=True, kw_only=True):
    """A name that points at a version.

    Attributes:
        pinned: Whether a client set it; otherwise the service moves it to the best version.
        etag: What ``if_match`` takes; it changes with the alias.
    """

    alias: str
    version: int
    pinned: bool
    etag: str


class ModelData(Struct, kw_only=True):
    """A model with its versions, newest first, and its aliases."""

    name: str
    versions: tuple[Version, ...] = ()
    aliases: tuple[Alias, ...] = ()
