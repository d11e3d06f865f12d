"""What a client can change about a job: its name and metadata at any time, two hyperparameters until it ends."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import to_json

from service.domain.config import JobConfig
from service.domain.merging import merge
from service.domain.metadata import NO_NUL, MetadataKey, MetadataValue
from service.domain.validation import invalid_input

Hyperparameter = Annotated[float, Field(ge=0, allow_inf_nan=False, strict=True)]


class OptimizerPatch(BaseModel):
    """Hyperparameters that can change between two steps."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    learning_rate: Annotated[Hyperparameter, Field(examples=[0.01])] | None = None
    momentum: Annotated[Hyperparameter, Field(examples=[0.9])] | None = None


class JobPatch(BaseModel):
    """A merge patch (RFC 7396) of a job: absent fields stay as they are; a metadata key with null is removed."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)

    name: str | None = Field(None, max_length=200, pattern=NO_NUL, description="A name for people.")
    metadata: dict[MetadataKey, MetadataValue | None] = Field(default_factory=dict, description="Your own labels.")
    optimizer: OptimizerPatch | None = Field(
        None, description="Changes from one of the next steps on; only until the job ends."
    )

    def hyperparameters(self) -> dict[str, float]:
        """Return the hyperparameters to change."""
        return self.optimizer.model_dump(exclude_none=True) if self.optimizer else {}


def with_labels(config: JobConfig, patch: JobPatch) -> JobConfig:
    """Return *config* with the patch's name and metadata.

    Raises:
        InvalidInput: A label is too long, or there are too many.
    """
    kept = {key: value for key, value in (config.metadata | patch.metadata).items() if value is not None}
    name = {"name": patch.name} if "name" in patch.model_fields_set else {}
    return _checked(config.model_dump(mode="json") | name | {"metadata": kept})


def with_hyperparameters(config: JobConfig, hyperparameters: Mapping[str, Any]) -> JobConfig:
    """Return *config* with other hyperparameters of its optimizer.

    Raises:
        InvalidInput: The optimizer does not have such a hyperparameter, or the value is out of its range.
    """
    return _checked(merge(config.model_dump(mode="json"), {"optimizer": dict(hyperparameters)}))


def _checked(fields: dict[str, Any]) -> JobConfig:
    try:
        return JobConfig.model_validate_json(to_json(fields))
    except ValidationError as error:
        raise invalid_input(error.errors(include_url=False), fields, kind=JobConfig) from error
