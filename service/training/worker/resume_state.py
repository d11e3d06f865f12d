"""The part of a checkpoint's training state that naivenet does not keep, as JSON in the state's metadata."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from service.errors import CorruptCheckpoint
from service.training.worker.early_stopping import EarlyStoppingState

#: The key in the metadata. It and the aliases below are the file format of version 0.1.0.
_KEY = "memory"


@dataclass(frozen=True, kw_only=True)
class ResumeState:
    """What an exact resume needs beside weights, optimizer slots and position.

    Attributes:
        learning_rate: The learning rate in force, which a schedule multiplies; None at the beginning.
        momentum: The momentum in force; None if the optimizer has none.
        early_stopping: How the monitored metric has developed.
        reported_conditions: The diagnostics that have been reported and still hold: code and layer.
    """

    learning_rate: float | None = None
    momentum: float | None = None
    early_stopping: Annotated[EarlyStoppingState, Field(alias="waiting")] = EarlyStoppingState()  # noqa: RUF009  # frozen, so all may share it
    reported_conditions: Annotated[tuple[tuple[str, int | None], ...], Field(alias="told")] = ()

    def metadata(self) -> dict[str, str]:
        """Return the state as metadata of a state file."""
        return {_KEY: _RESUME_STATE.dump_json(self, by_alias=True).decode()}

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, str]) -> "ResumeState":
        """Read what `metadata` returned; metadata without the key gives an empty state.

        Raises:
            CorruptCheckpoint: The JSON is invalid or has the wrong form.
        """
        try:
            return _RESUME_STATE.validate_json(metadata[_KEY]) if _KEY in metadata else cls()
        except ValidationError as error:
            raise CorruptCheckpoint(f"The metadata {_KEY!r} of the training state cannot be read: {error}") from error


_RESUME_STATE = TypeAdapter(ResumeState)
