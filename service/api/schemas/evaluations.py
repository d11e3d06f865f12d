"""Evaluations of checkpoints in responses."""

from pydantic import Field

from service.api.schemas.common import CHECKPOINT_ID, Wire
from service.domain.history import Split


class ClassOut(Wire):
    """How well the network recognises one digit."""

    digit: int = Field(examples=[7])
    samples: int = Field(examples=[1028])
    precision: float | None = Field(
        description="The share of right answers among the images predicted as this digit; null if there are none.",
        examples=[0.97],
    )
    recall: float | None = Field(
        description="The share of right answers among the images labelled as this digit; null if there are none.",
        examples=[0.98],
    )


class BinOut(Wire):
    """The predictions in one interval of confidence: their mean confidence, and their accuracy."""

    lower: float = Field(examples=[0.9])
    upper: float = Field(examples=[1.0])
    samples: int = Field(examples=[8921])
    confidence: float | None = Field(examples=[0.99])
    accuracy: float | None = Field(examples=[0.985])


class CalibrationOut(Wire):
    """How well the network's confidence matches its accuracy."""

    expected_calibration_error: float = Field(
        description="The mean distance between confidence and accuracy, weighted by samples.", examples=[0.012]
    )
    bins: list[BinOut]


class HardOut(Wire):
    """A test image whose label the network gave a low probability."""

    index: int = Field(description="Its index in the test set, from 0.", examples=[1014])
    label: int = Field(examples=[6])
    prediction: int = Field(examples=[5])
    probability: float = Field(description="The probability of the prediction.", examples=[0.93])
    label_probability: float = Field(description="The probability of the label.", examples=[0.02])
    png: str = Field(description="The image, as a data URL.", examples=["data:image/png;base64,iVBORw0KGgo..."])


class EvaluationOut(Wire):
    """The metrics of a checkpoint on the test set of a dataset."""

    checkpoint_id: str = Field(examples=[CHECKPOINT_ID])
    dataset: str = Field(
        description="The requested dataset, or that of its job; `mnist` for an upload.", examples=["mnist"]
    )
    dataset_version: int | None = Field(description="Null for a dataset without versions, such as `mnist`.")
    split: Split = Field(
        description="`test`: the test pictures. `train`: the training pictures of a dataset that has none for testing."
    )
    samples: int = Field(examples=[10000])
    accuracy: float = Field(examples=[0.9812])
    classes: list[ClassOut]
    confusion: list[list[int]] = Field(description="The confusion matrix: labels in rows, predictions in columns.")
    calibration: CalibrationOut
    hardest: list[HardOut] = Field(description="The images with the lowest probability of their label, lowest first.")
