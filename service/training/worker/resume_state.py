"""What a run remembers beside weights, optimizer slots and position: it lies as text in each checkpoint's state."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from service.errors import CorruptCheckpoint
from service.training.worker.early_stopping import EarlyStoppingState

_KEY = "memory"


@dataclass(frozen=True, kw_only=True)
class ResumeState:
    """All that an exact resume needs and naivenet does not keep.

    Attributes:
        learning_rate: The one in force, which a schedule takes its shares of; None where none was remembered.
        momentum: The one in force; None where the optimizer has none.
        waiting: Early stopping's count.
        told: The conditions that were told of as diagnostics and still hold: code and layer.
    """

    learning_rate: float | None = None
    momentum: float | None = None
    waiting: EarlyStoppingState = EarlyStoppingState()  # noqa: RUF009  # frozen, so all may share it
    told: tuple[tuple[str, int | None], ...] = ()

    def metadata(self) -> dict[str, str]:
        """As the text beside the tensors of a state."""
        return {_KEY: _RESUME_STATE.dump_json(self).decode()}

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, str]) -> "ResumeState":
        """Read what `metadata` wrote; a state without it remembers nothing.

        Raises:
            CorruptCheckpoint: It is none.
        """
        try:
            return _RESUME_STATE.validate_json(metadata[_KEY]) if _KEY in metadata else cls()
        except ValidationError as error:
            raise CorruptCheckpoint(f"The training state's memory cannot be read: {error}") from error


_RESUME_STATE = TypeAdapter(ResumeState)
