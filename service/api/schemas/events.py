"""A job's event log in responses. Each type of event has data of its own; docs/reference/events.md explains them."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field
from typing_extensions import TypeAliasType

from service.api.schemas.common import CHECKPOINT_ID, DEPRECATED, Wire
from service.api.schemas.jobs import FailureOut
from service.api.schemas.sets import SetOut
from service.domain.event import EventType
from service.domain.job import Status
from service.domain.nonfinite import NonFinite


class _Data(Wire):
    """The data of an event; a field with a default may be absent."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=False)


class StatusData(_Data):
    """The job's new status."""

    status: Status
    attempt: int = Field(description="The number of the worker's attempt; 0 before the first.")
    reason: FailureOut | None = Field(None, description="Only after an error.")


class StepsData(_Data):
    """The losses of some steps, one after another."""

    first_step: int = Field(description="The step of the first loss.", examples=[1])
    epoch: int = Field(examples=[1])
    losses: list[float | None] = Field(examples=[[7.77, 6.9]])
    nonfinite: NonFinite | None = Field(None, description="Only if a loss is null: which number the first was.")


class EpochData(_Data):
    """The metrics of an epoch."""

    epoch: int = Field(examples=[1])
    step: int = Field(description="The last step of the epoch.", examples=[469])
    train_loss: float | None
    train_accuracy: float | None
    validation_loss: float | None
    validation_accuracy: float | None
    test_loss: float | None
    test_accuracy: float | None
    seconds: float
    sets: list[SetOut] = Field(
        default_factory=list, description="The metrics on each dataset of a mix; empty for a job that trains on one."
    )
    nonfinite: NonFinite | None = Field(None, description="Only if a metric was not finite: which number it was.")


class CheckpointData(_Data):
    """The checkpoint that was saved, and where."""

    checkpoint_id: str = Field(examples=[CHECKPOINT_ID])
    step: int
    epoch: int
    automatic: bool | None = Field(None, description="True for one within an epoch; absent otherwise.")


class DiagnosticData(_Data):
    """A likely problem of the training."""

    code: str = Field(examples=["dead_units"])
    layer: int | None = Field(description="From 0; null for the whole network.")
    epoch: int
    step: int
    evidence: dict[str, float | str | None] = Field(description="The numbers that show it.")
    message: str
    hint: str = Field(description="What to try.")
    advice: dict[str, Any] = Field(
        default_factory=dict,
        description="The same as changes to the job's body: the new value for each JSON pointer; empty if no change is "
        "likely to help.",
        examples=[{"/optimizer/learning_rate": 0.1}],
    )


class ChangeData(_Data):
    """The hyperparameters from a step on; null where one did not change."""

    step: int
    learning_rate: float | None
    momentum: float | None


class _Event(Wire):
    event_number: int = Field(description="From 1, without gaps.", examples=[1])
    created_at: datetime
    number: int = Field(description="The same as `event_number`.", examples=[1], json_schema_extra=DEPRECATED)
    at: datetime = Field(description="The same as `created_at`.", json_schema_extra=DEPRECATED)


class StatusEventOut(_Event):
    """The job has another status."""

    type: Literal[EventType.STATUS]
    data: StatusData


class StepsEventOut(_Event):
    """The job has trained some steps."""

    type: Literal[EventType.STEPS]
    data: StepsData


class EpochEventOut(_Event):
    """The job has trained an epoch."""

    type: Literal[EventType.EPOCH]
    data: EpochData


class CheckpointEventOut(_Event):
    """The job has saved a checkpoint."""

    type: Literal[EventType.CHECKPOINT]
    data: CheckpointData


class DiagnosticEventOut(_Event):
    """The training has a likely problem."""

    type: Literal[EventType.DIAGNOSTIC]
    data: DiagnosticData


class ChangeEventOut(_Event):
    """The job trains with other hyperparameters."""

    type: Literal[EventType.CHANGE]
    data: ChangeData


EventOut = TypeAliasType(
    "EventOut",
    Annotated[
        StatusEventOut | StepsEventOut | EpochEventOut | CheckpointEventOut | DiagnosticEventOut | ChangeEventOut,
        Field(discriminator="type"),
    ],
)


class EventsOut(Wire):
    """One page of a job's event log."""

    data: list[EventOut]
    has_more: bool
    next_after: int = Field(description="The number to give as `after` in the next request.")
    status: Status
