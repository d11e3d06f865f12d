"""Jobs in responses, and example bodies for the routes that create them."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from pydantic import ConfigDict, Field

import naivenet
from service.api.http.request_info import path_prefix
from service.api.schemas.common import CHECKPOINT_ID, DEPRECATED, JOB_ID, Wire
from service.api.schemas.sets import SetOut
from service.domain.config import JobConfig
from service.domain.job import Device, Job, Status
from service.domain.notes import notes_of
from service.jobs.bulk import Changed
from service.jobs.estimate import Estimate

_NOTES = "What to know before the job trains, such as that a processor has no instructions for its precision."


class EstimateOut(Wire):
    """How long a job takes on a free worker."""

    seconds: float = Field(description="From its start to its end, without the time in the queue.", examples=[12.5])
    measured: bool = Field(
        description="Whether jobs that succeeded on this machine measure it; before the first one it is a default."
    )

    @classmethod
    def of(cls, estimate: Estimate) -> "EstimateOut":
        """Return *estimate* as the API shows it."""
        return cls(seconds=estimate.seconds, measured=estimate.measured)


class JobNoteOut(Wire):
    """What to know of a job that is allowed: a stable code, and a sentence."""

    code: str = Field(examples=["no_bfloat16"])
    message: str


class ValidatedJobOut(JobConfig, defer_build=True):
    """The whole configuration that a job would have, how long it would take, and what to know of it beforehand."""

    estimate: EstimateOut
    notes: list[JobNoteOut] = Field(description=f"{_NOTES} This API's processor decides.")

    @classmethod
    def of(cls, config: JobConfig, estimate: Estimate) -> "ValidatedJobOut":
        """Return a configuration that was checked."""
        notes = [JobNoteOut(**asdict(each)) for each in notes_of(config)]
        return cls.model_construct(**dict(config), estimate=EstimateOut.of(estimate), notes=notes)


class ProgressOut(Wire):
    """How far training has come."""

    epoch: int = Field(examples=[3])
    step: int = Field(examples=[1100])
    total_steps: int | None = Field(description="Null until a worker has loaded the dataset.", examples=[4690])
    samples_per_second: float | None = Field(examples=[120_000.0])
    estimated_finish_at: datetime | None = Field(description="While it trains: when it will end at its present rate.")
    estimated_finish: datetime | None = Field(
        description="The same as `estimated_finish_at`.", json_schema_extra=DEPRECATED
    )


class ResultOut(Wire):
    """The metrics of a succeeded job's last epoch, and its checkpoint."""

    train_loss: float | None
    train_accuracy: float | None
    validation_loss: float | None
    validation_accuracy: float | None
    test_loss: float | None
    test_accuracy: float | None = Field(examples=[0.9812])
    checkpoint_id: str = Field(description="The checkpoint with the last weights.", examples=[CHECKPOINT_ID])
    model_version: int | None = Field(
        description="The version of the model `digits` that its best checkpoint became.", examples=[1]
    )
    stopped_epoch: int | None = Field(None, description="The epoch after which early stopping ended the training.")
    sets: list[SetOut] = Field(
        default_factory=list, description="The metrics on each dataset of a mix; empty for a job that trains on one."
    )


class FailureOut(Wire):
    """Why a job failed."""

    code: str = Field(examples=["diverged"])
    message: str


class ExecutionOut(Wire):
    """What the last bits of a job's results depend on. `threads` and `by` are fixed at its first start."""

    threads: int
    by: naivenet.Execution = Field(
        description="`graph`: TensorFlow's operations one by one. `xla`: one program compiled by XLA."
    )
    precision: naivenet.Precision = Field(description="The precision of the operands of its products.")
    device: Device | None = Field(
        None, description="What computed the steps of the newest attempt: `gpu` where TensorFlow finds one."
    )
    processor: str | None = Field(
        None,
        description="The processor of the newest attempt; null if a worker of an older version began it.",
        examples=["AMD EPYC 9B14"],
    )
    instruction_set: str | None = Field(
        None,
        description="The instruction set of its matrix products, by oneDNN's names.",
        examples=["AVX512_CORE_BF16"],
    )
    versions: dict[str, str] | None = Field(
        None,
        description="The versions of `naivenet`, `tensorflow` and `numpy` of the newest attempt.",
        examples=[{"naivenet": "0.1.0", "tensorflow": "2.20.0", "numpy": "2.3.5"}],
    )
    variables: dict[str, str] | None = Field(
        None,
        description="The environment variables of the newest attempt that change its numbers, such as `XLA_FLAGS`; "
        "empty if none is set.",
        examples=[{"TF_ENABLE_ONEDNN_OPTS": "0"}],
    )

    @classmethod
    def of(cls, job: Job) -> "ExecutionOut | None":
        """Return how *job* is executed; None before its first worker."""
        environment = asdict(job.environment) if job.environment else {}
        if not job.threads:
            return None
        return cls(threads=job.threads, by=job.execution, precision=job.config.precision, **environment)


class CreatorOut(Wire):
    """The API key that created a job."""

    id: str = Field(examples=["key_01m84c1jy4e3jte4zp05k8r2cd"])
    name: str = Field(examples=["ada"])


class JobOut(JobConfig):
    """A job: its resolved configuration and its present state."""

    model_config = ConfigDict(frozen=True, ser_json_inf_nan="null", extra="forbid", defer_build=True)

    id: str = Field(examples=[JOB_ID])
    status: Status
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    queue_position: int | None = Field(description="1 for the next job to start; null unless queued.")
    estimated_start_at: datetime | None = Field(
        description="When a queued job will start if nothing changes, estimated from its position, the workers, and the"
        " lengths of running and recent jobs; null unless queued, or if too little is known."
    )
    estimated_start: datetime | None = Field(
        description="The same as `estimated_start_at`.", json_schema_extra=DEPRECATED
    )
    progress: ProgressOut
    result: ResultOut | None
    error: FailureOut | None
    parent_id: str | None
    attempt: int = Field(description="How many workers have started this job.")
    execution: ExecutionOut | None
    notes: list[JobNoteOut] = Field(
        description=f"{_NOTES} The processor of its newest worker decides, and before the first one the API's."
    )
    seed_drawn: bool = Field(description="Whether the service drew the seed, because the request gave none.")
    created_by: CreatorOut | None = Field(
        description="The API key that created it; null if the service required no key."
    )
    experiment_id: str | None = Field(description="The experiment to which it belongs; null for none.")
    arm: str | None = Field(description="The arm of the experiment.")
    links: dict[str, str]

    @classmethod
    def of(cls, job: Job) -> "JobOut":
        """Return *job* as the API shows it."""
        finish = job.estimated_finish(datetime.now(UTC))
        progress = ProgressOut(**asdict(job.progress), estimated_finish_at=finish, estimated_finish=finish)
        return cls.model_construct(
            **dict(job.config),
            **{name: getattr(job, name) for name in _SAME_IN_BOTH},
            estimated_start_at=job.estimated_start,
            progress=progress,
            result=ResultOut(**asdict(job.result)) if job.result else None,
            error=FailureOut(**asdict(job.error)) if job.error else None,
            execution=ExecutionOut.of(job),
            notes=[JobNoteOut(**asdict(each)) for each in notes_of(job.config, job.environment)],
            seed_drawn=job.origin.seed_drawn,
            created_by=CreatorOut(**asdict(job.created_by)) if job.created_by else None,
            links=_links(job.id),
        )


class ChangedJobsOut(Wire):
    """The jobs that a request with a filter has changed."""

    count: int = Field(description="How many.", examples=[1])
    ids: tuple[str, ...] = Field(description="Which, newest first.", examples=[[JOB_ID]])
    has_more: bool = Field(description="Whether further jobs match: repeat the request to change them, too.")

    @classmethod
    def of(cls, changed: Changed) -> "ChangedJobsOut":
        """Return what was changed as the API shows it."""
        return cls(count=len(changed.ids), ids=changed.ids, has_more=changed.has_more)


_SAME_IN_BOTH = (
    "id",
    "status",
    "created_at",
    "started_at",
    "finished_at",
    "queue_position",
    "estimated_start",
    "parent_id",
    "attempt",
    "experiment_id",
    "arm",
)
_SUBRESOURCES = ("history", "events", "checkpoints", "curve", "cancel", "pause", "resume", "fork")


def _links(job_id: str) -> dict[str, str]:
    here = f"{path_prefix.get()}/v1/jobs/{job_id}"
    return {"self": here} | {name: f"{here}/{name}" for name in _SUBRESOURCES}


#: The filter of the list by metadata: ``?metadata[course]=spring``.
METADATA_FILTER: dict[str, Any] = {
    "parameters": [
        {
            "name": "metadata",
            "in": "query",
            "style": "deepObject",
            "explode": True,
            "schema": {"type": "object", "additionalProperties": {"type": "string"}},
            "description": "Only jobs with these labels: `metadata[key]=value`.",
        }
    ]
}

_EXAMPLES = {
    "The notebook's network and hyperparameters": {"value": {}},
    "Above 0.98 on the test set": {"value": {"preset": "accurate"}},
    "Also digits that are written otherwise": {"value": {"preset": "robust", "augment": {"rotation": 20}}},
    "A larger learning rate": {"value": {"name": "faster", "optimizer": {"learning_rate": 0.1}, "epochs": 5}},
    "Another tenth of the pictures in each epoch": {
        "value": {"preset": "accurate", "datasets": [{"name": "mnist", "weight": 0.1}]}
    },
    "Two hidden layers, Adam": {
        "value": {
            "network": {
                "layers": [
                    {"units": 256, "activation": "gelu", "initializer": {"name": "he_normal"}},
                    {"units": 64, "activation": "tanh", "initializer": {"name": "glorot_uniform"}},
                    {"units": 10, "activation": "softmax", "initializer": {"name": "glorot_uniform"}},
                ]
            },
            "optimizer": {"name": "adam"},
            "epochs": 3,
            "shuffle": True,
            "seed": 7,
            "validation_split": 0.1,
            "metadata": {"course": "spring"},
        }
    },
}


def _body(kind: str, **examples: Any) -> dict[str, Any]:
    content = {"schema": {"$ref": f"#/components/schemas/{kind}"}, **examples}
    return {"requestBody": {"required": False, "content": {"application/json": content}}}  # an empty body is {}


#: The request bodies in the OpenAPI document: the routes read them by themselves.
CONFIG_BODY = _body("JobIn", examples=_EXAMPLES)
TEACH_BODY = _body("JobIn", example={"epochs": 5})
FORK_BODY = _body("ForkIn", example={"name": "finer", "epochs": 1, "optimizer": {"learning_rate": 0.0001}})
