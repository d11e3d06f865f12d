"""Health checks in responses."""

from typing import Literal

from pydantic import BaseModel

TrainerState = Literal["running", "starting", "elsewhere"]


class Liveness(BaseModel):
    """The process is alive."""

    status: Literal["live"] = "live"


class Readiness(BaseModel):
    """The state of each dependency: `ok`, or what is wrong."""

    status: Literal["ready", "not_ready"]
    database: str
    storage: str
    trainer: TrainerState
