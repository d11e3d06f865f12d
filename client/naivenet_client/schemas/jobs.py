"""Jobs: their configuration and their state."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, TypeAlias, TypedDict

from msgspec import Struct, field

from naivenet_client.schemas.history import SetMetrics

Status: TypeAlias = Literal["queued", "running", "pausing", "paused", "cancelling", "succeeded", "failed", "cancelled"]

#: The statuses that a job never leaves.
TERMINAL = frozenset({"succeeded", "failed", "cancelled"})

#: An optimizer, initializer or schedule: its name and its parameters, as `Client.options` lists them.
Choice: TypeAlias = dict[str, Any]


class JobFields(TypedDict, total=False):
    """The fields of a new job. All have defaults: a job without any trains as the notebook does.

    Attributes:
        name: A name for people.
        group: The group of jobs to which it belongs, such as one of a course.
        preset: The configuration to start from: ``accurate``, ``robust``, or ``notebook``, the default.
        dataset: ``mnist``, or another one that `Client.options` lists; its test images give the test accuracy.
        dataset_version: The version of that dataset; the newest if it is not given.
        datasets: Several to train on together: names, or objects that say how many times an epoch shows each image:
            ``["mnist", {"name": "mine", "weight": 20}]``.
        network: The layers: ``{"layers": [{"units": 512, "activation": "relu"}, {"units": 10, "activation":
            "softmax"}]}``; a layer can also have an `initializer`.
        optimizer: Its name and parameters: ``{"name": "adam", "learning_rate": 0.001}``.
        epochs: How many times the job trains on all training images.
        batch_size: The images of one step.
        shuffle: Whether each epoch has another order of the images.
        augment: How far each epoch changes the images, ``{"rotation": 20}``; ``{}`` for the defaults that
            `Client.options` lists, and None, the default, for images as they are.
        precision: ``bfloat16`` rounds the operands of the training steps' products, which is faster on processors with
            instructions for it; ``float32`` is the default.
        seed: Two jobs with the same seed and fields train the same weights; drawn if it is not given.
        validation_split: The part of the training images that is kept for validation: 0.1 for a tenth.
        schedule: How the learning rate changes: its name and parameters.
        early_stopping: When to stop: ``{"monitor": "validation_loss", "patience": 3}``.
        init_from: The id of a checkpoint whose weights are the first ones, ``live``, or a version of a model:
            ``digits@3``.
        checkpoint_every_epochs: After how many epochs a checkpoint is saved.
        checkpoint_every_s: After how many seconds one is saved within an epoch, for resuming; 0 for never.
        keep_last: How many of the newest checkpoints are kept; all if it is not given.
        keep_best: How many of the best ones are kept beside them.
        record_steps: How many of the first steps are recorded in full, for `Job.recorded_step`.
        metadata: Labels of your own, by which `jobs.list` can filter.
    """

    name: str | None
    group: str | None
    preset: Literal["accurate", "notebook", "robust"] | None
    dataset: str
    dataset_version: int | None
    datasets: Sequence[str | dict[str, Any]] | None
    network: dict[str, Any]
    optimizer: Choice
    epochs: int
    batch_size: int
    shuffle: bool
    augment: dict[str, float] | None
    precision: Literal["float32", "bfloat16"]
    seed: int | None
    validation_split: float
    schedule: Choice | None
    early_stopping: dict[str, Any] | None
    init_from: str | None
    checkpoint_every_epochs: int
    checkpoint_every_s: float | None
    keep_last: int | None
    keep_best: int | None
    record_steps: int
    metadata: dict[str, str]


class Layer(Struct, frozen=True, kw_only=True):
    """One layer of a network."""

    units: int
    activation: str
    initializer: Choice = field(default_factory=dict)


class Network(Struct, frozen=True, kw_only=True):
    """The layers of a network, first to last."""

    layers: tuple[Layer, ...]


class EarlyStopping(Struct, frozen=True, kw_only=True):
    """When a job ends before its last epoch."""

    monitor: str
    patience: int
    min_delta: float = 0.0
    restore_best: bool = True


class MixedDataset(Struct, frozen=True, kw_only=True):
    """One dataset of a mix: an epoch shows each of its images *weight* times, or a share of them."""

    name: str
    weight: float = 1.0
    version: int | None = None


class JobConfig(Struct, kw_only=True):
    """The resolved configuration of a job."""

    network: Network
    optimizer: Choice
    epochs: int
    batch_size: int
    dataset: str
    dataset_version: int | None = None
    datasets: tuple[MixedDataset, ...] | None = None
    name: str | None = None
    group: str | None = None
    preset: str | None = None
    shuffle: bool = False
    augment: dict[str, float] | None = None
    precision: str = "float32"
    seed: int | None = None
    validation_split: float = 0.0
    schedule: Choice | None = None
    early_stopping: EarlyStopping | None = None
    init_from: str | None = None
    checkpoint_every_epochs: int = 1
    checkpoint_every_s: float | None = None
    keep_last: int | None = None
    keep_best: int | None = None
    record_steps: int = 0
    metadata: dict[str, str] = field(default_factory=dict)


class Estimate(Struct, frozen=True, kw_only=True):
    """How long a job takes on a free worker, in seconds.

    Attributes:
        measured: Whether jobs that succeeded on the service's machine measure it; before the first it is a default.
    """

    seconds: float
    measured: bool


class Note(Struct, frozen=True, kw_only=True):
    """What to know of a job that is allowed: a stable code, and a sentence."""

    code: str
    message: str


class ValidatedJob(JobConfig, kw_only=True):
    """The configuration that a job would have, how long it would take (None from an older service), and notes on it."""

    estimate: Estimate | None = None
    notes: tuple[Note, ...] = ()


class Progress(Struct, frozen=True, kw_only=True):
    """How far training has come. *total_steps* is None until a worker has loaded the dataset."""

    epoch: int = 0
    step: int = 0
    total_steps: int | None = None
    samples_per_second: float | None = None
    estimated_finish_at: datetime | None = None
    estimated_finish: datetime | None = None


class Result(Struct, frozen=True, kw_only=True):
    """The metrics of a succeeded job's last epoch, and its checkpoint. *sets* has those on each dataset of a mix."""

    checkpoint_id: str
    train_loss: float | None = None
    train_accuracy: float | None = None
    validation_loss: float | None = None
    validation_accuracy: float | None = None
    test_loss: float | None = None
    test_accuracy: float | None = None
    model_version: int | None = None
    stopped_epoch: int | None = None
    sets: tuple[SetMetrics, ...] = ()


class Failure(Struct, frozen=True, kw_only=True):
    """Why a job failed: a stable code, and a sentence."""

    code: str
    message: str


class Execution(Struct, frozen=True, kw_only=True):
    """How the steps are executed: the threads, whether ``graph`` or ``xla`` runs them, and the precision of products.

    The other fields describe the newest attempt. An older service does not report them.
    """

    threads: int
    by: str
    precision: str = "float32"
    device: str | None = None
    processor: str | None = None
    instruction_set: str | None = None
    versions: dict[str, str] | None = None
    variables: dict[str, str] | None = None


class Creator(Struct, frozen=True, kw_only=True):
    """The API key that created a job."""

    id: str
    name: str


class JobData(JobConfig, kw_only=True):
    """A job: its resolved configuration, and its state when it was last read."""

    id: str
    status: str
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    queue_position: int | None = None
    estimated_start_at: datetime | None = None
    estimated_start: datetime | None = None
    progress: Progress = Progress()
    result: Result | None = None
    error: Failure | None = None
    parent_id: str | None = None
    attempt: int = 0
    execution: Execution | None = None
    notes: tuple[Note, ...] = ()
    seed_drawn: bool = False
    created_by: Creator | None = None
    experiment_id: str | None = None
    arm: str | None = None
    links: dict[str, str] = field(default_factory=dict)

    @property
    def has_ended(self) -> bool:
        """Whether the job has succeeded, failed or been cancelled."""
        return self.status in TERMINAL


class ChangedJobs(Struct, frozen=True, kw_only=True):
    """The jobs that one request with a filter has changed."""

    count: int
    ids: tuple[str, ...]
    has_more: bool
