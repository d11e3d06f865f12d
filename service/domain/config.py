"""The configuration of a job: its fields, its presets, and how it is resolved and checked."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter, ValidationError
from pydantic_core import from_json, to_json
from typing_extensions import TypeAliasType

import naivenet
from service.domain.json_text import with_whole_numbers
from service.domain.merging import merge
from service.domain.metadata import NO_NUL, MetadataKey, MetadataValue
from service.domain.mix import MAX_DATASETS, DatasetName, DatasetOfMix, Version, with_main_dataset
from service.domain.presets import PRESETS, PresetName
from service.domain.validation import invalid_input
from service.errors import FieldError, InvalidInput

Optimizer = TypeAliasType("Optimizer", Annotated[naivenet.Optimizer, Field(discriminator="name")])
Schedule = TypeAliasType("Schedule", Annotated[naivenet.Schedule, Field(discriminator="name")])
Monitor = Literal[
    "train_loss", "train_accuracy", "validation_loss", "validation_accuracy", "test_loss", "test_accuracy"
]
Json: TypeAlias = dict[str, Any]

LARGEST_INTEGER = 2**53 - 1  # JavaScript reads larger ones from JSON inexactly

#: The most steps that a job records in full; each takes about 40 kB.
MAX_RECORDED_STEPS = 50


_CONFIG = ConfigDict(
    frozen=True,
    extra="forbid",
    strict=True,
    allow_inf_nan=False,
    json_schema_serialization_defaults_required=True,  # an answer has every field
    defer_build=True,  # at the first use: a command that needs no job starts sooner
)


class EarlyStopping(BaseModel):
    """Ends a job before its last epoch, when a metric has not improved for some epochs."""

    model_config = _CONFIG

    monitor: Monitor = Field("validation_loss", description="The metric to watch, after each epoch.")
    patience: int = Field(
        3, ge=1, le=LARGEST_INTEGER, description="End the job after this many epochs without an improvement."
    )
    min_delta: float = Field(0.0, ge=0.0, description="A change counts as an improvement if it is larger than this.")
    restore_best: bool = Field(
        default=True, description="End the job with the weights of its best epoch instead of its last."
    )


class JobConfig(BaseModel):
    """The hyperparameters of a job. The defaults are the notebook's values."""

    model_config = _CONFIG

    name: str | None = Field(None, max_length=200, pattern=NO_NUL, description="A name for people.")
    group: str | None = Field(
        None, max_length=64, pattern=NO_NUL, description="Groups jobs; the list of jobs can be filtered by it."
    )
    preset: PresetName | None = Field(
        None, description="The configuration to start from; the other fields override it."
    )
    dataset: DatasetName = Field(
        "mnist",
        description="The dataset to train on, and whose test pictures are measured. With `datasets`, only the latter: "
        "the first of them unless given.",
    )
    dataset_version: Version | None = Field(
        None, description="The version of `dataset`; null is the newest, or a dataset without versions."
    )
    datasets: tuple[DatasetOfMix, ...] | None = Field(
        None,
        min_length=1,
        max_length=MAX_DATASETS,
        description="The datasets to train on together, each with a weight; null trains on `dataset` alone.",
    )
    network: naivenet.Network = Field(default=naivenet.NOTEBOOK_NETWORK, description="The layers, first to last.")
    optimizer: Optimizer = Field(
        default=naivenet.get_optimizer("sgd"), description="The optimizer, by name, with its hyperparameters."
    )
    epochs: int = Field(10, ge=1, description="Passes over the training set.")
    batch_size: int = Field(128, ge=1, le=60_000, description="Images per step.")
    shuffle: bool = Field(default=False, description="Shuffle the training set before each epoch, with the seed.")
    augment: naivenet.Augmentation | None = Field(
        None,
        description="How far each epoch moves, turns, bends and thickens the training images, with the seed; null "
        "trains on the images as they are.",
    )
    precision: naivenet.Precision = Field(
        "float32",
        description="The precision of the operands of the training steps' matrix products. With `bfloat16`, weights, "
        "sums, gradients and evaluations stay float32, and a processor with instructions for bfloat16 is faster.",
    )
    seed: int | None = Field(
        None,
        ge=0,
        le=LARGEST_INTEGER,
        description="Makes a run repeatable. Null draws a random seed; the job shows it.",
    )
    validation_split: float = Field(
        0.0, ge=0.0, lt=1.0, description="The share of the training set to hold out for validation, from its end."
    )
    schedule: Schedule | None = Field(
        None, description="The learning rate schedule, by name; null keeps the optimizer's learning rate."
    )
    early_stopping: EarlyStopping | None = Field(
        None, description="When to end the job before its last epoch; null trains all epochs."
    )
    init_from: str | None = Field(
        None,
        max_length=128,
        description="The checkpoint whose weights the job starts from: its id, `live`, or a version of a model by its "
        "alias or number, such as `digits@3`. Without a `network` in the body, the checkpoint's is taken.",
    )
    checkpoint_every_epochs: int = Field(
        1, ge=1, le=LARGEST_INTEGER, description="Epochs between two checkpoints; the last epoch always has one."
    )
    checkpoint_every_s: float | None = Field(
        60.0,
        ge=0,
        description="Seconds after which a checkpoint within an epoch is saved, so that a crash costs no more; the "
        "next checkpoint replaces it. 0 or null saves none.",
    )
    keep_last: int | None = Field(
        None,
        ge=1,
        le=LARGEST_INTEGER,
        description="Keep this many of the newest checkpoints; if keep_best is null too, keep all.",
    )
    keep_best: int | None = Field(
        None,
        ge=1,
        le=LARGEST_INTEGER,
        description="Keep this many of the best checkpoints; at least one if any are removed.",
    )
    record_steps: int = Field(
        0,
        ge=0,
        le=MAX_RECORDED_STEPS,
        description="Record in full what happens in each of so many first steps, for `GET /v1/jobs/{job_id}/steps`.",
    )
    metadata: dict[MetadataKey, MetadataValue] = Field(
        default_factory=dict, max_length=16, description="Your own labels; the list of jobs can be filtered by them."
    )

    @property
    def versioned_datasets(self) -> list[str]:
        """The names of all uploaded datasets that the resolved job uses, sorted."""
        named = [(self.dataset, self.dataset_version), *((each.name, each.version) for each in self.datasets or ())]
        return sorted({name for name, version in named if version is not None})


@dataclass(frozen=True, kw_only=True)
class ConfigLimits:
    """The operator's limits on the size of a job."""

    max_epochs: int
    max_layers: int
    max_units: int
    classes: int = naivenet.datasets.CLASSES


def resolve(body: Mapping[str, JsonValue], limits: ConfigLimits, *, base: Mapping[str, Any] | None = None) -> JobConfig:
    """Return the checked configuration for a request body: its preset merged over *base*, and its fields over both.

    Args:
        body: The fields that a client sent.
        limits: The limits on the size of a job.
        base: The fields to start from; the defaults unless given.

    Raises:
        InvalidInput: A field is unknown, of the wrong type or out of range; each error has a JSON pointer.
    """
    below = _defaults() if base is None else base
    fields = _with_preset(below, with_main_dataset(with_whole_numbers(body), below))
    try:
        config = JobConfig.model_validate_json(to_json(fields))
    except ValidationError as error:
        raise invalid_input(error.errors(include_url=False), fields, kind=JobConfig) from error
    if problems := _over_limits(config, limits):
        raise InvalidInput("The configuration exceeds the limits of this service.", *problems)
    _check_monitor(config)
    return config


def preset(name: PresetName) -> JobConfig:
    """Return the configuration of a preset, even if it exceeds the limits of this service."""
    return JobConfig.model_validate_json(to_json(_with_preset(_defaults(), {"preset": name})))


def request_body(config: JobConfig) -> Json:
    """Return the smallest body that resolves to *config*: its preset, and the fields that differ from it."""
    base = preset(config.preset or "notebook").model_dump(mode="json") | {"preset": None}
    return {name: value for name, value in config.model_dump(mode="json").items() if value != base[name]}


def resolve_network(text: str, limits: ConfigLimits) -> naivenet.Network:
    """Return the network that a JSON text describes.

    Raises:
        InvalidInput: The text is not JSON or not a network, or exceeds a limit; each error has a JSON pointer.
    """
    try:
        network = _networks().validate_json(text)
    except ValidationError as error:
        errors = error.errors(include_url=False)
        raise invalid_input(errors, _parsed(text), kind=naivenet.Network, root="/network") from error
    check_network(network, limits)
    return network


def check_network(network: naivenet.Network, limits: ConfigLimits) -> None:
    """Check the size of a network, and that it has an output for each digit.

    Raises:
        InvalidInput: It exceeds a limit, or its last layer has another size; each error has a JSON pointer.
    """
    if problems := _network_over_limits(network, limits):
        raise InvalidInput("The network does not fit this service.", *problems)


def _with_preset(base: Mapping[str, Any], body: Mapping[str, Any]) -> Json:
    """Return *base* with the preset that *body* names merged over it, and then *body* itself."""
    name = body.get("preset")
    chosen = PRESETS.get(name, {}) if isinstance(name, str) else {}  # type: ignore[call-overload]  # Pydantic refuses an unknown name
    return merge(merge(base, chosen), body)


def _check_monitor(config: JobConfig) -> None:
    """Refuse early stopping by a validation metric in a job that holds out no validation set."""
    stopping = config.early_stopping
    if stopping and stopping.monitor.startswith("validation") and not config.validation_split:
        message = f"{stopping.monitor} needs a validation_split greater than 0; or monitor test_loss."
        raise InvalidInput.at("/early_stopping/monitor", message, "needs_validation", monitor=stopping.monitor)


def _parsed(text: str) -> object:
    try:
        return from_json(text)
    except ValueError:
        return None


def _over_limits(config: JobConfig, limits: ConfigLimits) -> list[FieldError]:
    problems = _network_over_limits(config.network, limits)
    if config.epochs > limits.max_epochs:
        problems.append(_too_many("epochs", "/epochs", limits.max_epochs, config.epochs))
    return problems


def _network_over_limits(network: naivenet.Network, limits: ConfigLimits) -> list[FieldError]:
    layers, where = network.layers, "/network/layers"
    problems = [
        _too_many("units", f"{where}/{i}/units", limits.max_units, layer.units)
        for i, layer in enumerate(layers)
        if layer.units > limits.max_units
    ]
    if len(layers) > limits.max_layers:
        problems.append(_too_many("layers", where, limits.max_layers, len(layers)))
    if (given := layers[-1].units) != limits.classes:
        message = f"The last layer needs {limits.classes} units, one for each digit; it has {given}."
        parameters = {"wanted": limits.classes, "given": given}
        problems.append(FieldError(f"{where}/{len(layers) - 1}/units", message, "output_units", parameters))
    return problems


def _too_many(what: str, where: str, limit: int, given: int) -> FieldError:
    message = f"At most {limit} {what} are allowed; the configuration has {given}."
    return FieldError(where, message, f"too_many_{what}", {"limit": limit, "given": given})


@cache
def _networks() -> TypeAdapter[naivenet.Network]:
    return TypeAdapter(naivenet.Network)


@cache
def _defaults() -> Json:
    return JobConfig().model_dump(mode="json")
