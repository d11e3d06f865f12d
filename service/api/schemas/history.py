"""The history of a job in responses: the loss of each step, or the metrics of each epoch."""

from dataclasses import asdict

from pydantic import ConfigDict, Field

from service.api.schemas.common import Wire
from service.api.schemas.sets import SetOut
from service.domain.history import EpochPoint
from service.domain.job import Status
from service.domain.nonfinite import NonFinite, with_nulls


class Point(Wire):
    """A point of a history. Only a loss or metric that is not finite has a field `nonfinite`."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=False)


class StepOut(Point):
    """The loss of one step."""

    step: int = Field(examples=[1])
    epoch: int = Field(examples=[1])
    loss: float | None = Field(examples=[7.77])
    nonfinite: NonFinite | None = Field(None, description="If the loss is null: which number it was.")


class EpochOut(Point):
    """The metrics of one epoch. `train_*` are means over its steps; the others are measured at its end."""

    epoch: int = Field(examples=[1])
    step: int = Field(examples=[469])
    loss: float | None = Field(description="The same as `train_loss`.", examples=[1.62])
    train_loss: float | None = Field(examples=[1.62])
    train_accuracy: float | None = Field(examples=[0.74])
    validation_loss: float | None
    validation_accuracy: float | None
    test_loss: float | None = Field(examples=[0.84])
    test_accuracy: float | None = Field(examples=[0.83])
    seconds: float = Field(examples=[0.47])
    sets: list[SetOut] = Field(
        default_factory=list, description="The metrics on each dataset of a mix; empty for a job that trains on one."
    )
    nonfinite: NonFinite | None = Field(
        None, description="If a metric was not finite and is null: which number it was."
    )

    @classmethod
    def of(cls, point: EpochPoint) -> "EpochOut":
        """Return *point* as the API shows it."""
        return cls(**with_nulls({**asdict(point), "loss": point.train_loss}))


class HistoryOut(Wire):
    """A job's history, or the part of it that is newer than `after`."""

    data: list[StepOut] | list[EpochOut]
    total_points: int = Field(description="The number of all points, regardless of `after` and `max_points`.")
    sampled: bool = Field(description="Whether `max_points` left points out.")
    has_more: bool = Field(description="Whether the job has points after `next_after` that this answer leaves out.")
    next_after: int = Field(description="The step to give as `after` in the next request.")
    status: Status
