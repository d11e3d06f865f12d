"""The datasets of a job: one, or a mix of several with weights."""

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from service.domain.dataset import NAME_PATTERN

DatasetName = Annotated[str, Field(min_length=1, max_length=64, pattern=NAME_PATTERN)]
Version = Annotated[int, Field(ge=1, le=2**53 - 1)]

#: The most datasets of a mix, and the most pictures that one epoch shows.
MAX_DATASETS, MAX_EPOCH_SAMPLES = 16, 5_000_000


class MixedDataset(BaseModel):
    """One dataset of a mix."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        allow_inf_nan=False,
        json_schema_serialization_defaults_required=True,
        defer_build=True,
    )

    name: DatasetName = Field(description="`mnist`, a file in the datasets folder, or a dataset of your own.")
    weight: float = Field(
        1.0,
        gt=0,
        le=10_000,
        description="How many times an epoch shows each picture; of a fraction each epoch shows another random share.",
    )
    version: Version | None = Field(
        None, description="The version to train on. Null is the newest, or a dataset without versions, such as `mnist`."
    )


def _from_name(value: object) -> object:
    return {"name": value} if isinstance(value, str) else value


#: A dataset of a mix in a request: its name is short for an object with nothing but the name.
DatasetOfMix = Annotated[MixedDataset, BeforeValidator(_from_name, json_schema_input_type=DatasetName | MixedDataset)]


def with_main_dataset(body: Mapping[str, Any], base: Mapping[str, Any]) -> dict[str, Any]:
    """Return a job's *body* with the dataset that is measured: the first of a mix, unless the body names one.

    A version in *base* does not hold for another dataset.
    """
    fields = dict(body)
    if "dataset" not in body and (first := _first_name(body.get("datasets"))):
        fields["dataset"] = first
    if "datasets" in body or fields.get("dataset", base.get("dataset")) != base.get("dataset"):
        fields.setdefault("dataset_version", None)
    return fields


def _first_name(mix: object) -> str | None:
    """Return the name of the first dataset of a mix; None if it is not valid, which Pydantic reports."""
    first = mix[0] if isinstance(mix, list) and mix else None
    name = first.get("name") if isinstance(first, Mapping) else first
    return name if isinstance(name, str) and re.match(NAME_PATTERN, name) else None
