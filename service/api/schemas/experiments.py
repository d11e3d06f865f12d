"""Experiments in requests and responses."""

from datetime import datetime
from typing import Any, Self

from pydantic import Field

from service.api.http.request_info import path_prefix
from service.api.schemas.common import Wire
from service.api.schemas.jobs import CreatorOut
from service.domain.config import JobConfig, Monitor
from service.domain.experiment import Arm, AtEpoch, Design, Experiment, ExperimentStatus
from service.domain.job import Status
from service.jobs.experiments.estimate import ASSUMED_SD, Estimate

EXPERIMENT_ID = "exp_01m84c1jy4e3jte4zp0z8k3v2n"
_SUBRESOURCES = ("result", "cancel", "seeds", "curve", "dots", "sweep", "report")


class ArmOut(Wire):
    """An arm: a resolved configuration under its name."""

    name: str = Field(examples=["adam"])
    config: JobConfig = Field(description="What its jobs train; each adds a seed.")
    values: dict[str, Any] = Field(
        description="The values of the swept fields, by their JSON pointers; empty without a sweep.",
        examples=[{"/optimizer/learning_rate": 0.1}],
    )

    @classmethod
    def of(cls, arm: Arm) -> "ArmOut":
        """Return *arm* as the API shows it."""
        config = JobConfig.model_validate(arm.config, strict=False)
        return cls.model_construct(name=arm.name, config=config, values=dict(arm.values))


class DesignOut(Wire):
    """What an experiment trains and asks."""

    arms: list[ArmOut]
    seeds: list[int] = Field(examples=[[1, 2, 3, 4, 5, 6, 7, 8]])
    metric: Monitor
    epoch: AtEpoch = Field(description="Of which epoch the metric counts: the last, or the best by validation.")
    baseline: str | None = Field(description="The arm that all others are compared with; null compares all pairs.")
    margin: float = Field(description="A difference of at most so much does not matter.")
    stop_hopeless: bool
    sweep: dict[str, Any] | None
    metadata: dict[str, str]

    @classmethod
    def fields_of(cls, design: Design) -> dict[str, Any]:
        """Return the fields of a design."""
        return {**vars(design), "arms": [ArmOut.of(arm) for arm in design.arms], "seeds": list(design.seeds)}


class PlanOut(DesignOut):
    """An experiment that is not queued: what it would train, how long that takes, and what it can show."""

    jobs: int = Field(description="How many jobs it would have.", examples=[16])
    estimated_s: float | None = Field(
        description="How long they would take, by the newest jobs of this machine; null if none has succeeded yet.",
        examples=[42.0],
    )
    minimal_detectable_difference: float | None = Field(
        description="The smallest difference in accuracy that so many seeds show with 80 % power, if the differences "
        "vary as `assumed_sd` says; null for a loss, or if there are too few seeds for a test.",
        examples=[0.0024],
    )
    minimal_detectable_effect: float | None = Field(
        description="The same in standard deviations of the differences on a seed, whatever the metric.",
        examples=[1.2],
    )
    assumed_sd: float = Field(description="How much differences in accuracy on a seed vary.", examples=[ASSUMED_SD])

    @classmethod
    def of(cls, design: Design, estimated: Estimate) -> "PlanOut":
        """Return a design with what it takes and can show."""
        return cls.model_construct(
            **cls.fields_of(design),
            jobs=estimated.jobs,
            estimated_s=estimated.seconds,
            minimal_detectable_difference=estimated.detectable_difference,
            minimal_detectable_effect=estimated.detectable_effect,
            assumed_sd=ASSUMED_SD,
        )


class JobCountsOut(Wire):
    """The jobs of an experiment by their states."""

    total: int = Field(description="All, also the ones that were deleted.", examples=[16])
    queued: int
    running: int
    pausing: int
    paused: int
    cancelling: int
    succeeded: int
    failed: int
    cancelled: int
    deleted: int = Field(description="How many are missing: deleted, or not queued since their arm was given up.")

    @classmethod
    def of(cls, experiment: Experiment) -> Self:
        """Return the counts of the experiment's jobs."""
        counts = {status.value: experiment.jobs.get(status, 0) for status in Status}
        total = experiment.design.jobs
        return cls(total=total, deleted=max(total - sum(counts.values()), 0), **counts)


class ExperimentOut(DesignOut):
    """An experiment, and how far its jobs are."""

    id: str = Field(examples=[EXPERIMENT_ID])
    name: str | None
    status: ExperimentStatus = Field(description="`succeeded` once every job has ended, however it ended.")
    jobs: JobCountsOut
    looks: int = Field(description="How many times seeds were added after a job had ended.")
    stopped: dict[str, str] = Field(
        description="The arms that were given up early, each with the arm that is better.", examples=[{}]
    )
    created_at: datetime
    finished_at: datetime | None
    cancelled_at: datetime | None
    created_by: CreatorOut | None
    links: dict[str, str]

    @classmethod
    def of(cls, experiment: Experiment) -> "ExperimentOut":
        """Return *experiment* as the API shows it."""
        here, creator = f"{path_prefix.get()}/v1/experiments/{experiment.id}", experiment.created_by
        return cls.model_construct(
            **cls.fields_of(experiment.design),
            id=experiment.id,
            name=experiment.name,
            status=experiment.status,
            jobs=JobCountsOut.of(experiment),
            looks=experiment.looks,
            stopped={arm: found["leader"] for arm, found in experiment.stopped.items()},
            created_at=experiment.created_at,
            finished_at=experiment.finished_at,
            cancelled_at=experiment.cancelled_at,
            created_by=CreatorOut(id=creator.id, name=creator.name) if creator else None,
            links={"self": here} | {name: f"{here}/{name}" for name in _SUBRESOURCES},
        )
