"""Experiments: arms that train with the same seeds, so that a difference between them is more than luck."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from service.domain.config import LARGEST_INTEGER, JobConfig, Monitor
from service.domain.job import TERMINAL, Failure, Result, Status
from service.domain.key import Creator
from service.domain.metadata import NO_NUL, MetadataKey, MetadataValue

#: The value of the metric that counts: of the last epoch, or of the epoch that is best by validation.
AtEpoch = Literal["last", "best_validation"]

#: The seeds of an experiment that names their number only are 1, 2, 3 and so on; this many if it names nothing.
DEFAULT_SEEDS = 8

ArmName = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f]+$")]
Seed = Annotated[int, Field(ge=0, le=LARGEST_INTEGER)]

_BODY = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False, defer_build=True)


class NewArm(BaseModel):
    """One of the configurations to compare."""

    model_config = _BODY

    name: ArmName
    config: dict[str, JsonValue] = Field(
        default_factory=dict, description="The body of a job, without a seed: every arm trains with the same seeds."
    )


class NewExperiment(BaseModel):
    """An experiment: `arms`, or one `config` with a `sweep` whose combinations are the arms."""

    model_config = _BODY

    name: str | None = Field(None, max_length=200, pattern=NO_NUL, description="A name for people.")
    arms: list[NewArm] | None = Field(None, description="The configurations to compare.")
    config: dict[str, JsonValue] | None = Field(
        None, description="The body of a job that all arms of a `sweep` start from."
    )
    sweep: dict[str, JsonValue] | None = Field(
        None,
        description="Values by the JSON pointer of a field: `[0.01, 0.1]`, or to draw from `{low, high, scale}`.",
    )
    budget: int | None = Field(
        None, ge=2, le=LARGEST_INTEGER, description="How many combinations of the sweep are drawn; null takes all."
    )
    seeds: Annotated[int, Field(ge=1, le=LARGEST_INTEGER)] | list[Seed] = Field(
        DEFAULT_SEEDS, description="The seeds of every arm, or their number: `8` is 1 to 8."
    )
    metric: Monitor = Field("test_accuracy", description="The metric to compare.")
    epoch: AtEpoch = Field(
        "last",
        description="Of which epoch the metric counts: the last one, or the best one by the validation accuracy.",
    )
    baseline: str | None = Field(
        None, max_length=64, description="The arm that all others are compared with; null compares all pairs."
    )
    margin: float = Field(0.0, ge=0, description="A difference of at most so much does not matter.")
    stop_hopeless: bool = Field(
        default=False, description="Whether to cancel the jobs of an arm that cannot become the best any more."
    )
    metadata: dict[MetadataKey, MetadataValue] = Field(
        default_factory=dict, max_length=16, description="Your own labels."
    )


class MoreSeeds(BaseModel):
    """How many seeds to add to each arm."""

    model_config = _BODY

    add: int = Field(ge=1, le=LARGEST_INTEGER, description="How many; they follow the largest one.")


class ExperimentStatus(StrEnum):
    """The status of an experiment, which follows from its jobs."""

    RUNNING = "running"  # a job has not ended
    SUCCEEDED = "succeeded"  # all jobs have ended, however they ended
    CANCELLED = "cancelled"  # a client cancelled it


@dataclass(frozen=True, kw_only=True)
class Membership:
    """To which experiment a job belongs, and to which arm of it."""

    experiment_id: str
    arm: str


@dataclass(frozen=True, kw_only=True)
class Arm:
    """A resolved configuration under its name.

    Attributes:
        config: Every field of a `JobConfig`, as in JSON; the seed is null.
        values: The values of the swept fields, by their JSON pointers; empty without a sweep.
    """

    name: str
    config: Mapping[str, Any]
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Design:
    """What an experiment trains and asks, resolved.

    Attributes:
        seeds: Those of every arm.
        metric: The name of a metric of a job's result.
        epoch: Of which epoch the metric counts.
        baseline: The name of the arm that all others are compared with; None compares all pairs.
        margin: A difference of at most so much does not matter.
        stop_hopeless: Whether the jobs of an arm are cancelled that cannot become the best any more.
        sweep: The swept values as they were sent; None without a sweep.
    """

    arms: tuple[Arm, ...]
    seeds: tuple[int, ...]
    metric: Monitor = "test_accuracy"
    epoch: AtEpoch = "last"
    baseline: str | None = None
    margin: float = 0.0
    stop_hopeless: bool = False
    sweep: Mapping[str, Any] | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)

    @property
    def values(self) -> Mapping[str, Mapping[str, Any]]:
        """The values of the swept fields, by the names of the arms."""
        return {arm.name: arm.values for arm in self.arms}

    @property
    def jobs(self) -> int:
        """The number of jobs."""
        return len(self.arms) * len(self.seeds)


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """An experiment.

    Attributes:
        jobs: The number of its jobs by status; jobs that were deleted are not in it.
        looks: How many times seeds were added after a job had ended, so that its result could be seen.
        stopped: What was found out about each arm that was given up early: the fields of a `Hopeless`.
        finished_at: When its last job ended; None while one has not.
    """

    id: str
    name: str | None
    design: Design
    jobs: Mapping[Status, int]
    looks: int
    stopped: Mapping[str, Mapping[str, Any]]
    created_at: datetime
    finished_at: datetime | None
    cancelled_at: datetime | None
    created_by: Creator | None = None

    @property
    def status(self) -> ExperimentStatus:
        """The status, which follows from the jobs."""
        if any(count and status not in TERMINAL for status, count in self.jobs.items()):
            return ExperimentStatus.RUNNING
        return ExperimentStatus.CANCELLED if self.cancelled_at else ExperimentStatus.SUCCEEDED

    @property
    def has_ended(self) -> bool:
        """Whether all its jobs have ended."""
        return self.status is not ExperimentStatus.RUNNING


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a job of an experiment has come to.

    Attributes:
        best: The metrics of the epoch with the best validation accuracy; None unless the job succeeded with one, and
            the experiment asks for it.
    """

    job_id: str
    arm: str
    seed: int
    status: Status
    result: Result | None
    error: Failure | None
    best: Mapping[str, float | None] | None = None


#: The jobs of an experiment: the names of their arms, and their configurations.
Plan = Sequence[tuple[str, JobConfig]]


def jobs_of(design: Design, seeds: Sequence[int], *, without: Collection[str] = ()) -> Plan:
    """Return the jobs of *seeds* in the order in which they start: of each seed all arms, *without* some.

    So whatever stops early has complete pairs.
    """
    configs = {
        arm.name: JobConfig.model_validate({**arm.config, "name": arm.config.get("name") or arm.name}, strict=False)
        for arm in design.arms
        if arm.name not in without
    }
    return [(name, config.model_copy(update={"seed": seed})) for seed in seeds for name, config in configs.items()]
