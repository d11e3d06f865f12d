"""The parameters of a sweep: a list of values, or a range to draw values from."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from service.domain.config import LARGEST_INTEGER

Scale = Literal["linear", "log"]


@dataclass(frozen=True, kw_only=True)
class Choices:
    """A parameter with a few values, of any kind."""

    values: Sequence[Any]

    @property
    def size(self) -> int:
        """The number of different values."""
        return len(self.values)

    def draw(self, random: Random) -> Any:
        """Return one of the values, each equally likely."""
        return self.values[random.randrange(len(self.values))]


class Range(BaseModel):
    """A parameter with a number between two others."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False, defer_build=True)

    low: float = Field(ge=-LARGEST_INTEGER, le=LARGEST_INTEGER, description="The smallest number.")
    high: float = Field(ge=-LARGEST_INTEGER, le=LARGEST_INTEGER, description="The largest number.")
    scale: Scale = Field("linear", description="`log`: 0.001 to 0.01 is as likely as 0.01 to 0.1.")
    integer: bool = Field(default=False, description="Whether only whole numbers are drawn.")

    @property
    def values(self) -> Sequence[int]:
        """The whole numbers of the range."""
        return range(math.ceil(self.low), math.floor(self.high) + 1)

    @property
    def size(self) -> int | None:
        """The number of different values; None unless they are whole numbers."""
        return len(self.values) if self.integer else None

    def draw(self, random: Random) -> float:
        """Return a number, with three significant digits so that people can read it."""
        number = self._place(random.random())
        rounded = round(number) if self.integer else float(f"{number:.3g}")
        low, high = (self.values[0], self.values[-1]) if self.integer else (self.low, self.high)
        return min(max(rounded, low), high)

    def _place(self, share: float) -> float:
        """Return the number that has this share of the range below it."""
        if self.scale == "log":
            return math.exp(math.log(self.low) + (math.log(self.high) - math.log(self.low)) * share)
        half = 0.5 if self.integer else 0.0  # the first and the last integer are as likely as the others
        return self.low - half + (self.high - self.low + 2 * half) * share


Parameter: TypeAlias = Choices | Range
