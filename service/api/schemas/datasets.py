"""Datasets and their samples in requests and responses."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from service.api.http.request_info import path_prefix
from service.api.schemas.common import Wire
from service.api.schemas.jobs import CreatorOut
from service.api.schemas.predictions import PICTURE
from service.domain.dataset import Dataset, DatasetVersion, Part, Sample, Source, Split
from service.domain.mix import DatasetName
from service.inference.answers.prediction_json import png_url, trace_png
from service.inference.pictures.scaling import to_unit
from service.jobs.datasets import LabelledPicture

SAMPLE_ID = "smp_01m84c1jy4e3jte4zp04mmcpfc"
DIGEST = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0"

#: The share of an uploaded file's pictures that become test pictures, where the file has no test part.
TEST_SHARE = 1 / 6

_PREPARATION: Any = WithJsonSchema({"type": "object", "description": "As `input` of a prediction."})


class PartOut(Wire):
    """The training pictures of a dataset, or its test pictures."""

    samples: int = Field(examples=[3])
    counts: list[int] = Field(
        description="The number of pictures of each digit, from 0 to 9.", examples=[[0, 2, 0, 0, 0, 0, 0, 1, 0, 0]]
    )

    @classmethod
    def of(cls, part: Part) -> "PartOut":
        """Return *part* as the API shows it."""
        return cls(samples=part.samples, counts=list(part.counts))


class DatasetOut(Wire):
    """A dataset, at its newest version unless another was requested."""

    name: str = Field(examples=["mine"])
    source: Source = Field(description="`uploaded`: made by clients. The others are read-only.")
    version: int | None = Field(description="From 1; null for MNIST and files of the operator.", examples=[2])
    versions: int = Field(description="The number of versions: each change makes one.", examples=[2])
    train: PartOut
    test: PartOut
    bytes: int = Field(description="What it takes in the store, with the original pictures.", examples=[3204])
    digest: str | None = Field(
        description="A SHA-256 of the version's arrays: the same pictures in the same order have the same. In lists "
        "null until the version is first read.",
        examples=[DIGEST],
    )
    created_at: datetime | None
    updated_at: datetime | None
    created_by: CreatorOut | None = Field(
        description="The API key that created it; null if the service required no key."
    )
    fault: str | None = Field(description="What is wrong with a file of the operator; null if it can be read.")
    links: dict[str, str]

    @classmethod
    def of(cls, dataset: Dataset) -> "DatasetOut":
        """Return *dataset* as the API shows it."""
        same = ("name", "source", "version", "versions", "bytes", "digest", "created_at", "updated_at", "fault")
        return cls(
            **{each: getattr(dataset, each) for each in same},
            train=PartOut.of(dataset.train),
            test=PartOut.of(dataset.test),
            created_by=CreatorOut(**asdict(dataset.created_by)) if dataset.created_by else None,
            links=_links(dataset),
        )


class DatasetVersionOut(Wire):
    """A version of a dataset, which never changes."""

    version: int = Field(examples=[2])
    train: PartOut
    test: PartOut
    digest: str | None = Field(description="Null until the version is first read.", examples=[DIGEST])
    created_at: datetime

    @classmethod
    def of(cls, version: DatasetVersion) -> "DatasetVersionOut":
        """Return *version* as the API shows it."""
        same = {each: getattr(version, each) for each in ("version", "digest", "created_at")}
        return cls(train=PartOut.of(version.train), test=PartOut.of(version.test), **same)


class OriginalOut(Wire):
    """The picture of a sample as the client sent it."""

    bytes: int
    sha256: str
    media_type: str = Field(examples=["image/png"])


class SampleOut(Wire):
    """A picture with its label."""

    id: str = Field(examples=[SAMPLE_ID])
    label: int = Field(ge=0, le=9, examples=[1])
    split: Split
    input: Annotated[dict[str, Any], _PREPARATION]
    png: str = Field(description="The 28×28 pixels that the network gets, as a PNG in a data URL.")
    original: OriginalOut | None = Field(description="Null if the sample was sent as pixels.")
    created_at: datetime
    links: dict[str, str]

    @classmethod
    def of(cls, sample: Sample, name: str) -> "SampleOut":
        """Return *sample* of the dataset *name* as the API shows it."""
        itself = f"{path_prefix.get()}/v1/datasets/{name}/samples/{sample.id}"
        return cls(
            **{each: getattr(sample, each) for each in ("id", "label", "split", "created_at")},
            input=dict(sample.report),
            png=trace_png(to_unit(np.frombuffer(sample.pixels, np.uint8))),
            original=OriginalOut(**asdict(sample.original)) if sample.original else None,
            links={"self": itself} | ({"original": f"{itself}/original"} if sample.original else {}),
        )


class ImageOut(Wire):
    """One of the pictures of a dataset, wherever they come from."""

    dataset: str = Field(examples=["mnist"])
    version: int | None = Field(description="Null for MNIST and files of the operator.")
    split: Split
    index: int = Field(description="Its index in the split, from 0.", examples=[1014])
    label: int = Field(ge=0, le=9, examples=[6])
    png: str = Field(description="The 28×28 pixels, as a PNG in a data URL.")

    @classmethod
    def of(cls, picture: LabelledPicture, split: Split, index: int) -> "ImageOut":
        """Return *picture* as the API shows it."""
        dataset, pixels, label = picture
        png = png_url(pixels)
        return cls(dataset=dataset.name, version=dataset.version, split=split, index=index, label=label, png=png)


class AddedSamplesOut(Wire):
    """The samples that a request added, and the dataset with them."""

    data: Sequence[SampleOut]
    dataset: DatasetOut


class NewDataset(BaseModel):
    """A new dataset."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, defer_build=True)

    name: DatasetName = Field(examples=["mine"])
    test_share: float = Field(
        TEST_SHARE,
        ge=0,
        lt=1,
        description="The share of the pictures that become test pictures, where an uploaded file does not divide them. "
        "Default: a sixth. Each picture's own digest decides, so that it is always in the same part.",
    )


# Forms come first and are no components: openapi-generator reads the first kind of body, and leaves out a component
# that only a form uses
_FILES: dict[str, Any] = {"type": "array", "items": {"type": "string", "format": "binary"}}
_DATASET_FORM: dict[str, Any] = {
    "type": "object",
    "required": ["file", "name"],
    "properties": {
        "file": {**_FILES, "description": "An npz, zip or CSV file, or the four IDX files of a dataset."},
        "name": {"type": "string"},
        "test_share": {"type": "number", "minimum": 0, "exclusiveMaximum": 1},
    },
}
_SAMPLES_FORM: dict[str, Any] = {
    "type": "object",
    "required": ["file", "label"],
    "properties": {
        "file": {**_FILES, "description": "The pictures."},
        "label": {"type": "array", "items": {"type": "string"}, "description": "One for each file, or one in all."},
        "split": {"type": "array", "items": {"type": "string"}, "description": "Likewise; default: `train`."},
    },
}

#: The OpenAPI description of the body that makes a dataset; the route reads it itself.
DATASET_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": _DATASET_FORM,
                "example": {"file": ["(a file)"], "name": "mine"},
            },
            "application/json": {
                "schema": {"$ref": "#/components/schemas/NewDataset"},
                "example": {"name": "mine"},
            },
        },
    }
}


class SamplePatch(BaseModel):
    """What changes about a sample; an absent field stays as it is."""

    model_config = ConfigDict(extra="forbid", strict=True, defer_build=True)

    label: Annotated[int | None, Field(ge=0, le=9, examples=[7])] = None
    split: Split | None = None


#: The OpenAPI description of the body that adds samples; the route reads it itself.
SAMPLES_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": _SAMPLES_FORM,
                "example": {"file": ["(a picture)"], "label": ["1"]},
            },
            "application/json": {
                "schema": {"oneOf": [{"$ref": f"#/components/schemas/{name}"} for name in ("SampleIn", "SamplesIn")]},
                "examples": {
                    "one": {"summary": "One picture", "value": {"label": 1, "image": PICTURE}},
                    "several": {
                        "summary": "Several pictures",
                        "value": {"samples": [{"label": 1, "image": PICTURE, "split": "test"}]},
                    },
                },
            },
        },
    }
}

_PICTURE_IN: dict[str, Any] = {
    "label": {"type": "integer", "minimum": 0, "maximum": 9},
    "image": {"type": "string", "description": "A picture as base64, base64url or a data: URL."},
    "pixels": {
        "anyOf": [
            {"type": "array", "items": {"type": "array", "items": {"type": "number"}}},
            {"type": "array", "items": {"type": "number"}},
        ],
        "description": "28×28 or 784 numbers, instead of `image`.",
    },
    "split": {"type": "string", "enum": ["train", "test"], "description": "Default: `train`."},
}

#: The schemas of those bodies, by their names.
SCHEMAS: dict[str, Any] = {
    "SampleIn": {
        "title": "SampleIn",
        "type": "object",
        "required": ["label"],
        "properties": _PICTURE_IN,
        "additionalProperties": False,
    },
    "SamplesIn": {
        "title": "SamplesIn",
        "type": "object",
        "required": ["samples"],
        "properties": {"samples": {"type": "array", "items": {"$ref": "#/components/schemas/SampleIn"}, "minItems": 1}},
        "additionalProperties": False,
    },
}


def _links(dataset: Dataset) -> dict[str, str]:
    itself = f"{path_prefix.get()}/v1/datasets/{dataset.name}"
    own = ("samples", "versions") if dataset.source == "uploaded" else ()
    return {"self": itself, "export": f"{itself}/export"} | {each: f"{itself}/{each}" for each in own}
