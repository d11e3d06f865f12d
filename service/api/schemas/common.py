"""What all resources share: the base class of responses, pages of a list, and example ids."""

from collections.abc import Sequence
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict

T = TypeVar("T")

JOB_ID = "job_01m84c1jy4e3jte4zp011kt9e9"
CHECKPOINT_ID = "ckpt_01m84c1jy4e3jte4zp04mmcpfc"


class Wire(BaseModel):
    """A part of a response. Numbers that are not finite become null."""

    model_config = ConfigDict(frozen=True, ser_json_inf_nan="null")


class Page(Wire, Generic[T]):
    """One page of a list, newest first. For the next page, set `after` to the last id."""

    data: Sequence[T]
    has_more: bool
