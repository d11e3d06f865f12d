"""Predictions."""

from collections.abc import Sequence
from typing import Literal, TypeAlias, TypedDict

from msgspec import Struct

from naivenet_client.schemas.checkpoints import CheckpointData
from naivenet_client.schemas.jobs import JobData
from naivenet_client.schemas.models import ModelData, Version

Explanation: TypeAlias = Literal["saliency", "activations"]


class PredictOptions(TypedDict, total=False):
    """What a prediction can contain, and how long it may take.

    Attributes:
        top_k: The number of digits in `Prediction.top_k`, from 1 to 10.
        prepare: ``auto`` (default): a 28×28 that is laid out as MNIST's digits is read as it is, and any other picture
            is prepared; ``always``: every picture is; ``never``: pictures are only scaled to 28×28.
        trace: Whether to return the network's input, and the steps of the preparation.
        explain: ``saliency`` to return the saliency map, ``activations`` the outputs of each layer; or a list of both.
        timeout: How long the response may take, in seconds; otherwise the client's timeout.
    """

    top_k: int
    prepare: Literal["auto", "always", "never"]
    trace: bool
    explain: Explanation | Sequence[Explanation] | None
    timeout: float


class SourceOptions(PredictOptions, total=False):
    """The same, and what predicts.

    Attributes:
        model: A model; ``digits`` by default.
        alias: An alias of the model; ``live`` by default.
        version: A version of the model, instead of an alias.
        checkpoint: A checkpoint or its id, instead of a model.
        job: A job or its id, instead of a model: its newest weights, also while it trains.
    """

    model: ModelData | str
    alias: str | None
    version: Version | int | None
    checkpoint: CheckpointData | str | None
    job: JobData | str | None


class Ranked(Struct, frozen=True, kw_only=True):
    """A digit and its probability."""

    digit: int
    probability: float | None = None


class Note(Struct, frozen=True, kw_only=True):
    """What was removed from an image, or is doubtful, and what to do."""

    kind: str
    code: str
    message: str


class Step(Struct, frozen=True, kw_only=True):
    """A step of the preparation, with a small picture as a PNG data URL."""

    name: str
    png: str


class Preparation(Struct, frozen=True, kw_only=True):
    """How the service prepared the image.

    *prepare* is what was chosen; *method* is what was done: ``none``, ``centred``, ``found`` or ``scaled``. *removed*
    names what was no digit, such as ``rules`` or ``frame``; *warnings* has, for example, ``several_digits``; *notes*
    has both in words.
    """

    width: int = 0
    height: int = 0
    prepare: str = "auto"
    method: str = "none"
    inverted: bool = False
    crop: tuple[int, ...] | None = None
    shift: tuple[int, ...] | None = None
    removed: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()


class Prediction(Struct, frozen=True, kw_only=True):
    """The recognised digit.

    Attributes:
        digit: None if there is no answer, as for a blank image.
        confidence: The network's output for the digit: not the probability that the digit is right.
        probabilities: One for each digit.
        top_k: The most probable digits, highest first.
        input: How the service prepared the image.
        trace: With ``trace=True``: the network's input of 28×28 pixels, as a PNG data URL.
        steps: With ``trace=True``: the steps of the preparation.
        saliency: With ``explain="saliency"``: the gradient of the output by each of the 28×28 pixels.
        activations: With ``explain="activations"``: the outputs of each layer, with four significant digits.
        model: The model that predicted, and its *version* and *checkpoint_id*.
        job_id: With a job: the job whose weights predicted, after its step *step*.
    """

    digit: int | None
    confidence: float | None
    probabilities: tuple[float | None, ...]
    top_k: tuple[Ranked, ...] = ()
    input: Preparation = Preparation()
    trace: str | None = None
    steps: tuple[Step, ...] = ()
    saliency: tuple[tuple[float, ...], ...] | None = None
    activations: tuple[tuple[float | None, ...], ...] | None = None
    nonfinite: str | None = None
    model: str | None = None
    version: int | None = None
    checkpoint_id: str | None = None
    job_id: str | None = None
    step: int | None = None

    def __repr__(self) -> str:
        """Return a short text."""
        warnings = f", {', '.join(self.input.warnings)}" if self.input.warnings else ""
        return f"Prediction({self.digit}, confidence {self.confidence or 0:.1%}{warnings})"
