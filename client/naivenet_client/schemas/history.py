"""The history of a job: the loss of each step, or the metrics of each epoch."""

import math
from collections.abc import Mapping
from typing import Any, Generic, TypeVar

from msgspec import Struct

from naivenet_client import html

_BY_NAME: Mapping[str, float] = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


class StepPoint(Struct, frozen=True, kw_only=True):
    """The loss of one step. A loss that is not finite is None, and *nonfinite* names which number it was."""

    step: int
    epoch: int
    loss: float | None
    nonfinite: str | None = None


class SetMetrics(Struct, frozen=True, kw_only=True):
    """The metrics on one dataset of a mix: on its test pictures, or on its training pictures if it has no others."""

    dataset: str
    split: str
    samples: int
    loss: float | None = None
    accuracy: float = 0.0


class EpochPoint(Struct, frozen=True, kw_only=True):
    """The metrics of one epoch; *loss* is the same as *train_loss*. *sets* has those on each dataset of a mix."""

    epoch: int
    step: int
    loss: float | None = None
    train_loss: float | None = None
    train_accuracy: float | None = None
    validation_loss: float | None = None
    validation_accuracy: float | None = None
    test_loss: float | None = None
    test_accuracy: float | None = None
    seconds: float | None = None
    sets: tuple[SetMetrics, ...] = ()
    nonfinite: str | None = None


Point = TypeVar("Point", StepPoint, EpochPoint)


class History(Struct, Generic[Point], frozen=True, kw_only=True):
    """A job's history, or the part of it that is newer than a step.

    Attributes:
        data: The points, in order.
        total_points: The number of all points of the job.
        sampled: Whether ``max_points`` left points out.
        has_more: Whether there are points after ``next_after`` that this part leaves out.
        next_after: The step to give as ``after`` in order to read what is newer.
        status: The status of the job.
    """

    data: tuple[Point, ...]
    total_points: int = 0
    sampled: bool = False
    has_more: bool = False
    next_after: int = 0
    status: str = ""

    @property
    def points(self) -> tuple[Point, ...]:
        """The points, in order."""
        return self.data

    @property
    def steps(self) -> list[int]:
        """The step of each point."""
        return [point.step for point in self.data]

    @property
    def losses(self) -> list[float]:
        """The loss of each point; NaN or infinite where it was not finite."""
        return [
            _BY_NAME.get(point.nonfinite or "nan", math.nan) if point.loss is None else point.loss
            for point in self.data
        ]

    def __len__(self) -> int:
        """Return the number of points."""
        return len(self.data)

    def to_rows(self) -> list[dict[str, Any]]:
        """Return the points as mappings with the columns of the API's CSV; a loss may be NaN or infinite.

        Each dataset of a mix has columns of its own, such as ``mine_test_accuracy``.
        """
        return [_row(point) | {"loss": loss} for point, loss in zip(self.data, self.losses, strict=True)]

    def to_pandas(self) -> Any:
        """Return the points as a pandas DataFrame, one row a point, without columns that are empty.

        Raises:
            ImportError: pandas is not installed.
        """
        try:
            import pandas as pd  # noqa: PLC0415  # only this call needs it
        except ImportError:
            raise ImportError("`to_pandas` needs pandas; install it with `pip install pandas`.") from None
        return pd.DataFrame(self.to_rows()).dropna(axis="columns", how="all")

    def __repr__(self) -> str:
        """Return a short text."""
        last = f", last loss {self.losses[-1]:.4g}" if self.data else ""
        return f"History({len(self)} of {self.total_points} points{last})"

    def _repr_html_(self) -> str:
        return html.history(self.losses, total=self.total_points, status=self.status)


def _row(point: StepPoint | EpochPoint) -> dict[str, Any]:
    row = {name: getattr(point, name) for name in point.__struct_fields__ if name != "nonfinite"}
    for each in row.pop("sets", ()):
        row |= {f"{each.dataset}_{each.split}_{name}": getattr(each, name) for name in ("loss", "accuracy")}
    return row
