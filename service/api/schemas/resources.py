"""How values look on the wire. Everything here is in the OpenAPI document."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

import naivenet
from service.domain.checkpoint import Checkpoint
from service.domain.config import LARGEST_INTEGER, JobConfig
from service.domain.event import EventType
from service.domain.history import EpochPoint
from service.domain.job import Job, Status
from service.domain.model import Alias, Model, Version
from service.domain.nonfinite import NonFinite, with_nulls

T = TypeVar("T")

JOB_ID = "job_01m84c1jy4e3jte4zp011kt9e9"
CHECKPOINT_ID = "ckpt_01m84c1jy4e3jte4zp04mmcpfc"


class Wire(BaseModel):
    """An answer's part: numbers that are not finite become null."""

    model_config = ConfigDict(frozen=True, ser_json_inf_nan="null")


class Page(Wire, Generic[T]):
    """Part of a list, newest first; ask for more with ``after`` set to the last id."""

    data: Sequence[T]
    has_more: bool


class ProgressOut(Wire):
    """How far a job has come."""

    epoch: int = Field(examples=[3])
    step: int = Field(examples=[1100])
    total_steps: int | None = Field(description="Known once a worker has read the dataset.", examples=[4690])
    samples_per_second: float | None = Field(examples=[120_000.0])
    estimated_finish: datetime | None


class ResultOut(Wire):
    """What came of a job that succeeded: the figures of its last epoch."""

    train_loss: float | None
    train_accuracy: float | None
    validation_loss: float | None
    validation_accuracy: float | None
    test_loss: float | None
    test_accuracy: float | None = Field(examples=[0.9812])
    checkpoint_id: str = Field(description="The last weights.", examples=[CHECKPOINT_ID])
    model_version: int | None = Field(
        description="The version of `digits` that its best checkpoint became.", examples=[1]
    )
    stopped_epoch: int | None = Field(None, description="The epoch after which training stopped early.")


class FailureOut(Wire):
    """Why a job failed."""

    code: str = Field(examples=["diverged"])
    message: str


class ExecutionOut(Wire):
    """What the worker decided on at its first start and keeps, as results depend on it to the last bit."""

    threads: int
    by: naivenet.Execution = Field(description="By TensorFlow's operations one by one, or a program that XLA made.")


class CreatorOut(Wire):
    """The key that a job was made with."""

    id: str = Field(examples=["key_01m84c1jy4e3jte4zp05k8r2cd"])
    name: str = Field(examples=["ada"])


class JobOut(JobConfig):
    """A job: its configuration as resolved, and how it stands."""

    model_config = ConfigDict(frozen=True, ser_json_inf_nan="null", extra="forbid")

    id: str = Field(examples=[JOB_ID])
    status: Status
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    queue_position: int | None = Field(description="1 for the next to start.")
    progress: ProgressOut
    result: ResultOut | None
    error: FailureOut | None
    parent_id: str | None
    attempt: int = Field(description="How many workers have been given it.")
    execution: ExecutionOut | None
    created_by: CreatorOut | None = Field(description="The key; null where none was asked for.")
    links: dict[str, str]

    @classmethod
    def of(cls, job: Job) -> "JobOut":
        """The job as the wire shows it."""
        progress = ProgressOut(**asdict(job.progress), estimated_finish=job.estimated_finish(datetime.now(UTC)))
        fields = {name: getattr(job, name) for name in _SAME_IN_BOTH}
        return cls.model_construct(
            **dict(job.config),
            **fields,
            progress=progress,
            result=ResultOut(**asdict(job.result)) if job.result else None,
            error=FailureOut(**asdict(job.error)) if job.error else None,
            execution=ExecutionOut(threads=job.threads, by=job.execution) if job.threads else None,
            created_by=CreatorOut(**asdict(job.created_by)) if job.created_by else None,
            links=_links(job.id),
        )


_SAME_IN_BOTH = ("id", "status", "created_at", "started_at", "finished_at", "queue_position", "parent_id", "attempt")


def _links(job_id: str) -> dict[str, str]:
    here = f"/v1/jobs/{job_id}"
    return {
        "self": here,
        "history": f"{here}/history",
        "events": f"{here}/events",
        "checkpoints": f"{here}/checkpoints",
        "curve": f"{here}/curve",
        "cancel": f"{here}/cancel",
        "pause": f"{here}/pause",
        "resume": f"{here}/resume",
        "fork": f"{here}/fork",
    }


class StepOut(Wire):
    """The loss of one step."""

    step: int = Field(examples=[1])
    epoch: int = Field(examples=[1])
    loss: float | None = Field(examples=[7.77])
    nonfinite: NonFinite | None = Field(None, description="Beside a null: which number it was.")


class EpochOut(Wire):
    """The figures of one epoch; train_* are running figures over its steps, the others were taken at its end."""

    epoch: int = Field(examples=[1])
    step: int = Field(examples=[469])
    loss: float | None = Field(description="The same as train_loss.", examples=[1.62])
    train_loss: float | None = Field(examples=[1.62])
    train_accuracy: float | None = Field(examples=[0.74])
    validation_loss: float | None
    validation_accuracy: float | None
    test_loss: float | None = Field(examples=[0.84])
    test_accuracy: float | None = Field(examples=[0.83])
    seconds: float = Field(examples=[0.47])
    nonfinite: NonFinite | None = Field(None, description="Beside nulls: which number they were.")

    @classmethod
    def of(cls, point: EpochPoint) -> "EpochOut":
        """The epoch as the wire shows it."""
        return cls(**with_nulls({**asdict(point), "loss": point.train_loss}))


class HistoryOut(Wire):
    """A job's history, or what is new of it."""

    data: list[StepOut] | list[EpochOut]
    total_points: int = Field(description="How many points there are in all, before `after` and `max_points`.")
    sampled: bool = Field(description="Whether `max_points` left some out.")
    next_after: int = Field(description="The step to give as `after` next time.")
    status: Status


class EventOut(Wire):
    """One entry of a job's log."""

    number: int = Field(description="From 1, without gaps.", examples=[1])
    type: EventType
    at: datetime
    data: dict[str, Any] = Field(examples=[{"status": "queued", "attempt": 0}])


class EventsOut(Wire):
    """A page of a job's log."""

    data: list[EventOut]
    has_more: bool
    next_after: int = Field(description="The number to give as `after` next time.")
    status: Status


class CheckpointOut(Wire):
    """A saved weight list."""

    id: str = Field(examples=[CHECKPOINT_ID])
    job_id: str | None = Field(examples=[JOB_ID])
    step: int | None
    epoch: int | None
    network: naivenet.Network
    metrics: dict[str, float | None]
    bytes: int
    sha256: str
    resumable: bool
    created_at: datetime

    @classmethod
    def of(cls, checkpoint: Checkpoint) -> "CheckpointOut":
        """The checkpoint as the wire shows it."""
        return cls.model_construct(**{name: getattr(checkpoint, name) for name in cls.model_fields})


class VersionOut(Wire):
    """A model's version, in TensorFlow Serving's words and ours."""

    version: int = Field(examples=[1])
    state: Literal["AVAILABLE"] = "AVAILABLE"
    checkpoint_id: str = Field(examples=[CHECKPOINT_ID])
    job_id: str | None
    test_accuracy: float | None
    created_at: datetime

    @classmethod
    def of(cls, version: Version) -> "VersionOut":
        """The version as the wire shows it."""
        return cls(**{name: getattr(version, name) for name in cls.model_fields if name != "state"})


class AliasOut(Wire):
    """A name for a version."""

    alias: str = Field(examples=["live"])
    version: int = Field(examples=[1])
    pinned: bool = Field(description="Whether somebody set it; otherwise it follows the versions by itself.")
    etag: str = Field(description="What `If-Match` takes: another with each change.", examples=['"3"'])

    @classmethod
    def of(cls, alias: Alias) -> "AliasOut":
        """The alias as the wire shows it."""
        return cls(alias=alias.alias, version=alias.version, pinned=alias.pinned, etag=f'"{alias.revision}"')


class StatusDetail(Wire):
    """That nothing is wrong."""

    error_code: Literal["OK"] = "OK"
    error_message: str = ""


class VersionStatus(Wire):
    """A version's state as TensorFlow Serving tells it: all that is listed here can answer."""

    version: str = Field(examples=["1"])
    state: Literal["AVAILABLE"] = "AVAILABLE"
    status: StatusDetail = StatusDetail()


class ModelOut(Wire):
    """A model, its versions newest first, and its aliases: a superset of TensorFlow Serving's status answer."""

    name: str = Field(examples=["digits"])
    versions: list[VersionOut]
    aliases: list[AliasOut]
    model_version_status: list[VersionStatus] = Field(description="The versions in TensorFlow Serving's words.")

    @classmethod
    def of(cls, model: Model) -> "ModelOut":
        """The model as the wire shows it."""
        versions, aliases = map(VersionOut.of, model.versions), map(AliasOut.of, model.aliases)
        states = [VersionStatus(version=str(each.version)) for each in model.versions]
        return cls(name=model.name, versions=list(versions), aliases=list(aliases), model_version_status=states)


class NewVersion(BaseModel):
    """Which checkpoint becomes the model's next version."""

    model_config = ConfigDict(extra="forbid", strict=True)

    checkpoint_id: str = Field(examples=[CHECKPOINT_ID])


class AliasTarget(BaseModel):
    """Which version an alias is to point at."""

    model_config = ConfigDict(extra="forbid", strict=True)

    version: Annotated[int, Field(ge=1, le=LARGEST_INTEGER, examples=[1])]
