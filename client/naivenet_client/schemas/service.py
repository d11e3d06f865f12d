"""The state of the service, and the API key of the client."""

from msgspec import Struct


class Readiness(Struct, frozen=True, kw_only=True):
    """Whether the service can take work, and the state of what it depends on."""

    status: str
    database: str = ""
    storage: str = ""
    trainer: str = ""
    disk: str = ""
    disk_free_bytes: int | None = None

    @property
    def is_ready(self) -> bool:
        """Whether the service can take work; while it is `degraded`, jobs wait for disk space."""
        return self.status in {"ready", "degraded"}


class Key(Struct, frozen=True, kw_only=True):
    """The API key of this client. A service that requires no key allows everything, and *id* is None.

    Attributes:
        scopes: What it allows: ``read``, ``predict``, ``train`` and ``admin``, which includes all others.
    """

    id: str | None
    name: str
    scopes: tuple[str, ...]
