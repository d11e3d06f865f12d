"""Comparisons of jobs in responses."""

from typing import Any

from pydantic import Field

from service.api.schemas.common import JOB_ID, Wire
from service.domain.job import Status
from service.jobs.comparison import ComparedJob


class DifferenceOut(Wire):
    """A field of the configuration that is not the same in all jobs."""

    pointer: str = Field(
        description="A JSON pointer into a job's configuration.", examples=["/optimizer/learning_rate"]
    )
    values: list[Any] = Field(
        description="One value a job, in the order of `jobs`; null where the configuration has no such field.",
        examples=[[0.1, 0.01]],
    )


class FiguresOut(Wire):
    """The metrics of a succeeded job's result, or of another job's newest epoch; null where there is none."""

    train_loss: float | None = Field(None, examples=[0.05])
    train_accuracy: float | None = Field(None, examples=[0.985])
    validation_loss: float | None = None
    validation_accuracy: float | None = None
    test_loss: float | None = Field(None, examples=[0.07])
    test_accuracy: float | None = Field(None, examples=[0.9812])


class ComparedOut(Wire):
    """One of the compared jobs."""

    id: str = Field(examples=[JOB_ID])
    label: str = Field(
        description="A unique label: the job's name, or else its optimizer and layers.", examples=["sgd 0.1 · 512-10"]
    )
    status: Status
    epochs_done: int = Field(examples=[10])
    step: int = Field(examples=[4690])
    figures: FiguresOut
    best_test_accuracy: float | None = Field(examples=[0.9831])
    best_epoch: int | None = Field(description="The epoch with the best test accuracy.", examples=[8])
    seconds: float = Field(description="The training time of its epochs, without evaluation.", examples=[4.6])

    @classmethod
    def of(cls, compared: ComparedJob) -> "ComparedOut":
        """Return *compared* as the API shows it."""
        job, best, last = compared.job, compared.best_epoch, compared.last_metrics
        return cls(
            id=job.id,
            label=compared.label,
            status=job.status,
            epochs_done=compared.epochs_done,
            step=job.progress.step,
            figures=FiguresOut(**{name: getattr(last, name, None) for name in FiguresOut.model_fields}),
            best_test_accuracy=best.test_accuracy if best else None,
            best_epoch=best.epoch if best else None,
            seconds=compared.seconds,
        )


class ComparisonOut(Wire):
    """Several jobs and their differences, in the order of the request."""

    jobs: list[ComparedOut]
    differences: list[DifferenceOut]
