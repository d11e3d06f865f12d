"""What a worker reports about its job, and the instructions that it gets back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from service.domain.history import EpochPoint, LossChunk
from service.domain.job import Progress


@dataclass(frozen=True, kw_only=True)
class Change:
    """Hyperparameters that a client changed while the job trains; None leaves one as it is."""

    id: str
    learning_rate: float | None
    momentum: float | None


@dataclass(frozen=True, kw_only=True)
class AppliedChange(Change):
    """A change that the worker has applied.

    Attributes:
        step: The first step that was trained with it.
    """

    step: int


@dataclass(frozen=True, kw_only=True)
class ProgressReport:
    """What a worker trained since its last report, which was *seconds* ago."""

    chunks: Sequence[LossChunk] = ()
    epochs: Sequence[EpochPoint] = ()
    progress: Progress = field(default_factory=Progress)
    diagnostics: Sequence[Mapping[str, Any]] = ()
    changes: Sequence[AppliedChange] = ()
    steps: Sequence[Mapping[str, Any]] = ()
    seconds: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Instructions:
    """What a worker must do next.

    Attributes:
        stop: End without saving anything more.
        saves: Save a checkpoint for these save requests.
        pause: Save a checkpoint and end.
        changes: Hyperparameters to train on with; empty while the worker trains steps again that are in the log.
    """

    stop: bool
    saves: tuple[str, ...]
    pause: bool = False
    changes: tuple[Change, ...] = ()
