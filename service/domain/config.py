"""What a client asks for when it starts a job: the configuration, its presets and its limits."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails, from_json, to_json

import naivenet
from service.errors import FieldError, InvalidInput

Optimizer = Annotated[naivenet.Optimizer, Field(discriminator="name")]
Schedule = Annotated[naivenet.Schedule, Field(discriminator="name")]
NO_NUL = r"^[^\x00]*$"  # PostgreSQL stores none
MetadataKey = Annotated[str, Field(min_length=1, max_length=64, pattern=r'^[^"\\\x00-\x1f]+$')]
MetadataValue = Annotated[str, Field(max_length=512, pattern=NO_NUL)]
PresetName = Literal["accurate", "notebook"]
Monitor = Literal[
    "train_loss", "train_accuracy", "validation_loss", "validation_accuracy", "test_loss", "test_accuracy"
]
Json: TypeAlias = dict[str, Any]

LARGEST_INTEGER = 2**53 - 1  # the largest integer that JSON carries through JavaScript unharmed

#: Starting points on which a request lays its changes. ``notebook`` is every field's default.
PRESETS: Mapping[PresetName, Json] = {
    "notebook": {},
    "accurate": {
        "network": {
            "layers": [
                {"units": 512, "activation": "relu", "initializer": {"name": "he_normal"}},
                {"units": 10, "activation": "softmax", "initializer": {"name": "glorot_uniform"}},
            ]
        },
        "optimizer": {"name": "sgd", "learning_rate": 0.1, "momentum": 0.9, "nesterov": True},
        "epochs": 10,
        "shuffle": True,
    },
}


class EarlyStopping(BaseModel):
    """When a job ends before its last epoch: once a figure has not become better for some epochs."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    monitor: Monitor = Field("validation_loss", description="The figure of each epoch that is watched.")
    patience: int = Field(3, ge=1, le=LARGEST_INTEGER, description="So many epochs without a better one end the job.")
    min_delta: float = Field(0.0, ge=0.0, description="By how much a better one is better, at least more than this.")
    restore_best: bool = Field(
        default=True, description="Whether the job ends with the weights of its best epoch, not of its last."
    )


class JobConfig(BaseModel):
    """A job's hyperparameters, each with the notebook's value as its default."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    name: str | None = Field(None, max_length=200, pattern=NO_NUL, description="A name for people.")
    group: str | None = Field(None, max_length=64, pattern=NO_NUL, description="Ties jobs together, to be listed by.")
    preset: PresetName | None = Field(
        None, description="The starting point on which the other fields lay their changes."
    )
    dataset: str = Field("mnist", min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")
    network: naivenet.Network = Field(default=naivenet.NOTEBOOK_NETWORK, description="The layers, first to last.")
    optimizer: Optimizer = Field(
        default=naivenet.get_optimizer("sgd"), description="The update rule, by name, with its parameters."
    )
    epochs: int = Field(10, ge=1, description="Passes over the training set.")
    batch_size: int = Field(128, ge=1, le=60_000, description="Images a step.")
    shuffle: bool = Field(default=False, description="Whether each epoch draws a new order from the seed.")
    seed: int | None = Field(
        None,
        ge=0,
        le=LARGEST_INTEGER,
        description="Makes a run repeatable; null draws one, and the job says which.",
    )
    validation_split: float = Field(
        0.0, ge=0.0, lt=1.0, description="The share of the training set, its end, held out."
    )
    schedule: Schedule | None = Field(
        None, description="How the optimizer's learning rate changes on the way, by name; null keeps it as it is."
    )
    early_stopping: EarlyStopping | None = Field(
        None, description="When the job ends before its last epoch; null trains to the last."
    )
    init_from: str | None = Field(None, max_length=64, description="A checkpoint whose weights the job starts from.")
    checkpoint_every_epochs: int = Field(
        1, ge=1, le=LARGEST_INTEGER, description="Epochs between two checkpoints; the last is always kept."
    )
    keep_last: int | None = Field(
        None, ge=1, le=LARGEST_INTEGER, description="Keep so many newest checkpoints; with keep_best null too, all."
    )
    keep_best: int | None = Field(
        None, ge=1, le=LARGEST_INTEGER, description="Keep so many best checkpoints, at least one where any are removed."
    )
    metadata: dict[MetadataKey, MetadataValue] = Field(
        default_factory=dict, max_length=16, description="Your own labels, to be listed by."
    )


@dataclass(frozen=True, kw_only=True)
class ConfigLimits:
    """How large a job may be, as the operator has set it."""

    max_epochs: int
    max_layers: int
    max_units: int
    classes: int = 10


def resolve(body: Mapping[str, JsonValue], limits: ConfigLimits, *, base: Mapping[str, Any] | None = None) -> JobConfig:
    """Return the checked configuration for *body*: its preset laid over *base*, and its fields over both.

    Args:
        body: The fields that a client gave.
        limits: How large a job may be.
        base: The fields to start from; the notebook's unless given.

    Raises:
        InvalidInput: A field is unknown, of the wrong type or out of range; each is named by its JSON pointer.
    """
    name = body.get("preset")
    start = PRESETS.get(name, {}) if isinstance(name, str) else {}  # type: ignore[call-overload]  # an unknown name is refused below
    merged = merge(merge(_DEFAULTS if base is None else base, start), body)
    try:
        config = JobConfig.model_validate_json(to_json(merged))
    except ValidationError as error:
        raise invalid(error.errors(include_url=False), merged) from error
    if problems := _over_limits(config, limits):
        raise InvalidInput("The configuration is over this service's limits.", *problems)
    if config.early_stopping and config.early_stopping.monitor.startswith("validation") and not config.validation_split:
        monitor = config.early_stopping.monitor
        message = f"{monitor} needs a validation_split greater than 0; or watch test_loss."
        raise InvalidInput.at("/early_stopping/monitor", message, "needs_validation", monitor=monitor)
    return config


def preset(name: PresetName) -> JobConfig:
    """The configuration that a preset stands for, be it over this service's limits or not."""
    return JobConfig.model_validate_json(to_json(merge(merge(_DEFAULTS, PRESETS[name]), {"preset": name})))


def resolve_network(text: str, limits: ConfigLimits) -> naivenet.Network:
    """The network that a JSON text describes, checked.

    Raises:
        InvalidInput: It is no JSON or no network, or over a limit; each place is named by its JSON pointer.
    """
    try:
        network = _NETWORK.validate_json(text)
    except ValidationError as error:
        raise invalid(error.errors(include_url=False), _parsed(text), root="/network") from error
    check_network(network, limits)
    return network


def check_network(network: naivenet.Network, limits: ConfigLimits) -> None:
    """Refuse a network that is too large, or does not answer with the ten digits.

    Raises:
        InvalidInput: Each place is named by its JSON pointer.
    """
    if problems := _network_over_limits(network, limits):
        raise InvalidInput("The network is not one that this service takes.", *problems)


def metadata_key(text: str) -> str:
    """A key by which jobs can be listed.

    Raises:
        InvalidInput: No metadata can have it.
    """
    try:
        return _METADATA_KEY.validate_python(text)
    except ValidationError as error:
        raise InvalidInput.at(f"query/metadata[{text}]", error.errors()[0]["msg"]) from error


def check_initial(config: JobConfig, network: naivenet.Network, input_size: int) -> None:
    """Refuse to start *config* from the weights of a *network* with other layers.

    Raises:
        InvalidInput: The text names the layer and both shapes.
    """
    wanted, given = config.network.shapes(input_size), network.shapes(input_size)
    if len(wanted) != len(given):
        message = f"The checkpoint has {len(network.layers)} layers, but the network {len(config.network.layers)}."
        raise InvalidInput.at("/init_from", message, "other_layers")
    for number, (want, give) in enumerate(zip(wanted, given, strict=True)):
        if want != give:
            name = f"layers.{number // 2}.{'Wb'[number % 2]}"
            message = f"{name} has shape {give} in the checkpoint, but the network wants {want}."
            raise InvalidInput.at("/init_from", message, "other_layers")


def merge(base: Mapping[str, Any], changes: Mapping[str, Any]) -> Json:
    """*base* with *changes* over it: objects merge by key unless they name another kind of thing; all else replaces."""
    merged = dict(base)
    for key, value in changes.items():
        below = merged.get(key)
        mergeable = (
            isinstance(value, dict)
            and isinstance(below, dict)
            and value.get("name", below.get("name")) == below.get("name")
        )
        merged[key] = merge(below, value) if mergeable else value  # type: ignore[arg-type]  # mergeable says it is a dict
    return merged


def invalid(errors: list[ErrorDetails], body: object, *, root: str = "") -> InvalidInput:
    """Pydantic's *errors* about *body*, each with its JSON pointer below *root*."""
    told = [e for e in errors if not _follows(e, errors)]
    fields = [FieldError.of(root + _pointer(e, body), e) for e in told]
    return InvalidInput("; ".join(f"{field.pointer or 'The body'}: {field.message}" for field in fields), *fields)


def _follows(error: ErrorDetails, errors: list[ErrorDetails]) -> bool:
    """Whether it says no more than that a list is too short without the members that other errors are about."""
    place = error["loc"]
    return error["type"] == "too_short" and any(e["loc"][: len(place)] == place != e["loc"] for e in errors)


def _pointer(error: ErrorDetails, body: object) -> str:
    """The JSON pointer of *error*: its location, less the parts that name a kind in a union, which no body has."""
    pointer, here = "", body
    for part in error["loc"]:
        inside = part in here if isinstance(here, dict) else isinstance(here, list) and isinstance(part, int)
        if not inside and error["type"] != "missing":
            continue
        here = here[part] if inside else None  # type: ignore[index]  # pydantic's locations index the body that it read
        pointer += "/" + str(part).replace("~", "~0").replace("/", "~1")
    return pointer


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
        wanted = f"The last layer has one unit for each of the {limits.classes} digits; {given} were given."
        told = {"wanted": limits.classes, "given": given}
        problems.append(FieldError(f"{where}/{len(layers) - 1}/units", wanted, "output_units", told))
    return problems


def _too_many(what: str, where: str, limit: int, given: int) -> FieldError:
    message = f"At most {limit} {what}; {given} were asked for."
    return FieldError(where, message, f"too_many_{what}", {"limit": limit, "given": given})


_NETWORK = TypeAdapter(naivenet.Network)
_METADATA_KEY: TypeAdapter[str] = TypeAdapter(MetadataKey)
_DEFAULTS: Json = JobConfig().model_dump(mode="json")
