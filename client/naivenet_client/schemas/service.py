"""The state of the service, and the API key of the client."""

from msgspec import Struct


class Readiness(Struct, frozen=True, kw_only=True):
    """Whether the service can take work, and the state of what it depends on."""

    status: str
    database: str = ""
    storage: str = ""
    trainer: str = ""

    @property
    def is_ready(self) -> bool:
        """Whether the service can take work."""
        return self.status == "ready"
