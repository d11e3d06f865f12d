"""Health checks in responses."""

from typing import Literal

from pydantic import Field

from service.api.schemas.common import Wire

ReadinessStatus = Literal["ready", "degraded", "not_ready"]
TrainerState = Literal["running", "starting", "elsewhere"]


class Liveness(Wire):
    """The process is alive."""

    status: Literal["live"] = "live"


class Readiness(Wire):
    """The state of each dependency: `ok`, or what is wrong."""

    status: ReadinessStatus = Field(
        description="`degraded`: everything answers, but the disk is nearly full and no job starts."
    )
    database: str
    storage: str
    disk: str = Field(description="`ok`, or how much space is free and how much jobs need.")
    disk_free_bytes: int | None = Field(
        description="The free space of the fullest local disk; null if the data is on other machines, or for a caller "
        "without the API key that is required."
    )
    trainer: TrainerState
