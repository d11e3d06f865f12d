"""Checks whether the database and the checkpoint store answer."""

from collections.abc import Callable
from dataclasses import dataclass

from service.composition import Services

OK = "ok"


@dataclass(frozen=True, kw_only=True)
class ReadinessReport:
    """The state of each dependency: ``ok``, or what is wrong with it."""

    database: str
    storage: str

    @property
    def is_ready(self) -> bool:
        """Whether all of them answer."""
        return self.database == self.storage == OK


def check_readiness(services: Services) -> ReadinessReport:
    """Ping the database and the checkpoint store."""
    return ReadinessReport(database=_state(services.database.ping), storage=_state(services.blobs.ping))


def _state(ping: Callable[[], None]) -> str:
    try:
        ping()
    except Exception as error:  # noqa: BLE001  # any error means that this dependency does not work
        return f"{type(error).__name__}: {error}"
    return OK
