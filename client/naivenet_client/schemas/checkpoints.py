"""Checkpoints and their evaluations."""

from datetime import datetime
from typing import Literal, TypeAlias

from msgspec import Struct, field

from naivenet_client.schemas.jobs import Network

Format: TypeAlias = Literal["safetensors", "npz", "keras", "onnx", "savedmodel"]


class CheckpointData(Struct, kw_only=True):
    """A saved weight list. An uploaded one has no job, step or epoch; a *shipped* one came with the service."""

    id: str
    network: Network
    created_at: datetime
    job_id: str | None = None
    step: int | None = None
    epoch: int | None = None
    metrics: dict[str, float | None] = field(default_factory=dict)
    bytes: int = 0
    sha256: str = ""
    resumable: bool = False
    automatic: bool = False
    shipped: bool = False


class ClassMetrics(Struct, frozen=True, kw_only=True):
    """How well the network recognises one digit; None where there are no images."""

    digit: int
    samples: int
    precision: float | None = None
    recall: float | None = None


class CalibrationBin(Struct, frozen=True, kw_only=True):
    """The predictions in one interval of confidence: their mean confidence, and their accuracy."""

    lower: float
    upper: float
    samples: int
    confidence: float | None = None
    accuracy: float | None = None


class Calibration(Struct, frozen=True, kw_only=True):
    """How well the network's confidence matches its accuracy."""

    expected_calibration_error: float
    bins: tuple[CalibrationBin, ...] = ()


class HardImage(Struct, frozen=True, kw_only=True):
    """A test image whose label the network gave a low probability; *png* is a data URL."""

    index: int
    label: int
    prediction: int
    probability: float
    label_probability: float
    png: str = ""


class Evaluation(Struct, frozen=True, kw_only=True):
    """The metrics of a checkpoint on a dataset; *confusion* has labels in rows.

    *split* is ``test``, or ``train`` for a dataset without test images.
    """

    checkpoint_id: str
    dataset: str
    samples: int
    accuracy: float
    classes: tuple[ClassMetrics, ...]
    confusion: tuple[tuple[int, ...], ...]
    calibration: Calibration
    hardest: tuple[HardImage, ...] = ()
    dataset_version: int | None = None
    split: str = "test"
