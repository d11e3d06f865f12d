"""The evaluation of a checkpoint, as it is answered."""

from pydantic import Field

from service.api.schemas.resources import CHECKPOINT_ID, Wire


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
