"""Models, their versions and aliases in requests and responses."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from service.api.schemas.common import CHECKPOINT_ID, Wire
from service.domain.config import LARGEST_INTEGER
from service.domain.model import Alias, Model, Version


class VersionOut(Wire):
    """A model's version."""

    version: int = Field(examples=[1])
    state: Literal["AVAILABLE"] = "AVAILABLE"
    checkpoint_id: str = Field(examples=[CHECKPOINT_ID])
    job_id: str | None
    test_accuracy: float | None
    test_set: str | None = Field(
        description="The digest of the test set of that accuracy: `live` and `best` compare versions of the same one."
    )
    shipped: bool = Field(description="Whether its network came with the package; then no job trained it.")
    created_at: datetime

    @classmethod
    def of(cls, version: Version) -> "VersionOut":
        """Return *version* as the API shows it."""
        return cls(**{name: getattr(version, name) for name in cls.model_fields if name != "state"})


class AliasOut(Wire):
    """A name that points at a version."""

    alias: str = Field(examples=["live"])
    version: int = Field(examples=[1])
    pinned: bool = Field(description="Whether a client set it; otherwise the service moves it to the best version.")
    etag: str = Field(description="The value for `If-Match`; it changes with the alias.", examples=['"3"'])

    @classmethod
    def of(cls, alias: Alias) -> "AliasOut":
        """Return *alias* as the API shows it."""
        return cls(alias=alias.alias, version=alias.version, pinned=alias.pinned, etag=f'"{alias.revision}"')


class StatusDetail(Wire):
    """TensorFlow Serving's error status; always OK here."""

    error_code: Literal["OK"] = "OK"
    error_message: str = ""


class VersionStatus(Wire):
    """A version's state in TensorFlow Serving's format. Every listed version can answer predictions."""

    version: str = Field(examples=["1"])
    state: Literal["AVAILABLE"] = "AVAILABLE"
    status: StatusDetail = StatusDetail()


class ModelOut(Wire):
    """A model, its versions (newest first) and its aliases: a superset of TensorFlow Serving's status response."""

    name: str = Field(examples=["digits"])
    versions: list[VersionOut]
    aliases: list[AliasOut]
    model_version_status: list[VersionStatus] = Field(description="The versions in TensorFlow Serving's format.")

    @classmethod
    def of(cls, model: Model) -> "ModelOut":
        """Return *model* as the API shows it."""
        versions, aliases = map(VersionOut.of, model.versions), map(AliasOut.of, model.aliases)
        states = [VersionStatus(version=str(each.version)) for each in model.versions]
        return cls(name=model.name, versions=list(versions), aliases=list(aliases), model_version_status=states)


class NewVersion(BaseModel):
    """The checkpoint that becomes the model's next version."""

    model_config = ConfigDict(extra="forbid", strict=True, defer_build=True)

    checkpoint_id: str = Field(examples=[CHECKPOINT_ID])


class AliasTarget(BaseModel):
    """The version that an alias shall point at."""

    model_config = ConfigDict(extra="forbid", strict=True, defer_build=True)

    version: Annotated[int, Field(ge=1, le=LARGEST_INTEGER, examples=[1])]
