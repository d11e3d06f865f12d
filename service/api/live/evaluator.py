"""Evaluations of checkpoints: worked out once, in a thread, and kept beside the weights."""

import asyncio

from pydantic import Field
from starlette.concurrency import run_in_threadpool

import naivenet
from service.api.schemas.resources import CHECKPOINT_ID, Wire
from service.composition import Services
from service.domain.checkpoint import Checkpoint
from service.errors import CorruptCheckpoint, InvalidInput, NotFound
from service.inference.answers.evaluation import evaluate
from service.inference.answers.registry import Registry
from service.jobs import datasets


class ClassOut(Wire):
    """How well one digit is read."""

    digit: int = Field(examples=[7])
    samples: int = Field(examples=[1028])
    precision: float | None = Field(
        description="Of what was read as it, the share that is; null where nothing was.", examples=[0.97]
    )
    recall: float | None = Field(
        description="Of what is it, the share that was read so; null where nothing is.", examples=[0.98]
    )


class BinOut(Wire):
    """Answers of like confidence: how sure they were, and how often right."""

    lower: float = Field(examples=[0.9])
    upper: float = Field(examples=[1.0])
    samples: int = Field(examples=[8921])
    confidence: float | None = Field(examples=[0.99])
    accuracy: float | None = Field(examples=[0.985])


class CalibrationOut(Wire):
    """How far confidence can be believed."""

    expected_calibration_error: float = Field(
        description="How far confidence and accuracy lie apart, on average over the samples.", examples=[0.012]
    )
    bins: list[BinOut]


class HardOut(Wire):
    """A picture whose right digit was thought unlikely."""

    index: int = Field(description="Its number in the test set, from 0.", examples=[1014])
    label: int = Field(examples=[6])
    prediction: int = Field(examples=[5])
    probability: float = Field(description="Of the prediction.", examples=[0.93])
    label_probability: float = Field(description="Of the label.", examples=[0.02])
    png: str = Field(description="The picture, as a data URL.", examples=["data:image/png;base64,iVBORw0KGgo..."])


class EvaluationOut(Wire):
    """How well a checkpoint reads the test images of its dataset."""

    checkpoint_id: str = Field(examples=[CHECKPOINT_ID])
    dataset: str = Field(description="Its job's; of an upload, mnist.", examples=["mnist"])
    samples: int = Field(examples=[10000])
    accuracy: float = Field(examples=[0.9812])
    classes: list[ClassOut]
    confusion: list[list[int]] = Field(description="How many images of a digit (row) were read as which (column).")
    calibration: CalibrationOut
    hardest: list[HardOut] = Field(description="The test images whose label was thought least likely, hardest first.")


class Evaluations:
    """Evaluates checkpoints, one at a time.

    Args:
        services: Knows the checkpoints, and keeps what was worked out.
        registry: Has their networks.
    """

    def __init__(self, services: Services, registry: Registry) -> None:
        self._services, self._registry = services, registry
        self._one_at_a_time = asyncio.Lock()  # who waits for it holds no thread: all routes share those

    async def get(self, checkpoint_id: str) -> bytes:
        """The evaluation, as JSON.

        Raises:
            NotFound: There is no such checkpoint, or its dataset is there no more.
        """
        checkpoint = await run_in_threadpool(self._services.checkpoints.get, checkpoint_id)
        async with self._one_at_a_time:
            return await run_in_threadpool(self._kept, checkpoint)

    def _kept(self, checkpoint: Checkpoint) -> bytes:
        name, blobs = checkpoint.derived_blob("evaluation"), self._services.blobs
        try:
            return blobs.read(name)
        except CorruptCheckpoint:  # nobody has asked for it before
            data = self._evaluated(checkpoint).model_dump_json().encode()
            blobs.write(name, data)
            return data

    def _evaluated(self, checkpoint: Checkpoint) -> EvaluationOut:
        dataset = self._services.jobs.get(checkpoint.job_id).config.dataset if checkpoint.job_id else datasets.BUILT_IN
        try:
            data = datasets.load(self._services.settings.resolved_datasets_dir, dataset)
        except (InvalidInput, naivenet.DatasetError) as error:
            raise NotFound("dataset", dataset) from error
        figures = evaluate(self._registry.load(checkpoint), data.x_test, data.y_test)
        return EvaluationOut(checkpoint_id=checkpoint.id, dataset=dataset, **figures)
