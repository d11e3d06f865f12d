"""A recorded training step in responses: its batch, predictions, gradients and update."""

import base64
import inspect
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict, Field

import naivenet
from naivenet.datasets import SIDE
from service.api.schemas.common import Wire
from service.domain.nonfinite import NonFinite
from service.inference.answers.prediction_json import png_url


class _Part(Wire):
    """A part of a recorded step. Only one with a number that is not finite, and null, has a field `nonfinite`."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=False)

    nonfinite: NonFinite | None = Field(None, description="If a number is null: which number the first one was.")


class SampleOfStep(_Part):
    """A picture of the batch, and what the network made of it before it learned from it."""

    label: int = Field(examples=[5])
    prediction: int = Field(description="The most probable digit.", examples=[3])
    probabilities: list[float | None] = Field(description="The network's output: one number a digit.")
    loss: float | None = Field(examples=[2.31])
    png: str = Field(description="The picture as a PNG data URL.")


class WeightOfStep(_Part):
    """A weight of the network in a step. Lengths are Euclidean norms."""

    layer: int = Field(description="From 0.", examples=[0])
    name: Literal["W", "b"]
    shape: list[int] = Field(examples=[[784, 512]])
    length: float | None = Field(description="The length before the step.", examples=[35.8])
    gradient_length: float | None = Field(examples=[0.62])
    update_length: float | None = Field(description="How far the step moved it.", examples=[0.062])


class UnitOfStep(_Part):
    """The first layer's unit with the largest gradient: its weights before the step, their gradient and update."""

    layer: int = Field(examples=[0])
    unit: int = Field(description="From 0.", examples=[17])
    weights: list[float | None]
    gradient: list[float | None]
    update: list[float | None]


class RecordedStep(_Part):
    """What happened in one training step."""

    step: int = Field(description="From 1.", examples=[1])
    epoch: int = Field(description="From 1.", examples=[1])
    learning_rate: float = Field(examples=[0.1])
    loss: float | None = Field(description="The mean of `losses`.", examples=[2.35])
    correct: int = Field(description="How many pictures of the batch the network read right.", examples=[14])
    losses: list[float | None] = Field(description="The loss of each picture of the batch.")
    samples: list[SampleOfStep] = Field(description="The first pictures of the batch, up to 32.")
    weights: list[WeightOfStep] = Field(
        description="The weights in the order of the weight list: W and b of each layer."
    )
    unit: UnitOfStep
    code: str = Field(description="The function that did it, `naivenet.one_training_step`.")

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "RecordedStep":
        """Return a step as the API shows it."""
        samples = [sample | {"png": png_url(_picture(sample["pixels"]))} for sample in data["samples"]]
        return cls.model_validate({**data, "samples": samples, "code": _code()})


class RecordedSteps(Wire):
    """The numbers of the steps that a job has recorded."""

    data: list[int] = Field(examples=[[1, 2, 3]])


def _picture(pixels: str) -> NDArray[np.uint8]:
    return np.frombuffer(base64.b64decode(pixels), np.uint8).reshape(SIDE, SIDE)


@cache
def _code() -> str:
    return inspect.getsource(naivenet.one_training_step)
