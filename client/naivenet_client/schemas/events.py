"""The events of a job's log."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct, field

from naivenet_client.errors import UnexpectedResponse
from naivenet_client.schemas.history import SetMetrics
from naivenet_client.schemas.jobs import TERMINAL, Failure


class Event(Struct, frozen=True, kw_only=True):
    """An event of a job's log, of a type that this version of the client does not know.

    Attributes:
        number: From 1, without gaps.
        type: The kind of the event.
        at: When it was recorded.
        data: Its fields, as the service sent them.
    """

    number: int
    type: str
    at: datetime
    data: dict[str, Any] = field(default_factory=dict)

    @property
    def event_number(self) -> int:
        """The number, as the API names it."""
        return self.number

    @property
    def created_at(self) -> datetime:
        """When it was recorded, as the API names it."""
        return self.at


class StatusEvent(Event, frozen=True, kw_only=True):
    """The job has another status. After an error, *reason* says which."""

    status: str
    attempt: int = 0
    reason: Failure | None = None

    @property
    def is_last(self) -> bool:
        """Whether the job has ended."""
        return self.status in TERMINAL


class StepsEvent(Event, frozen=True, kw_only=True):
    """The losses of consecutive steps, from *first_step* on.

    A loss that is not finite is None, and *nonfinite* names which number the first of them was.
    """

    first_step: int
    epoch: int
    losses: tuple[float | None, ...]
    nonfinite: str | None = None

    @property
    def last_step(self) -> int:
        """The number of the last of these steps."""
        return self.first_step + len(self.losses) - 1


class EpochEvent(Event, frozen=True, kw_only=True):
    """The metrics of an epoch that has ended; *nonfinite* as in `StepsEvent`."""

    epoch: int
    step: int
    train_loss: float | None = None
    train_accuracy: float | None = None
    validation_loss: float | None = None
    validation_accuracy: float | None = None
    test_loss: float | None = None
    test_accuracy: float | None = None
    sets: tuple[SetMetrics, ...] = ()
    seconds: float | None = None
    nonfinite: str | None = None


class CheckpointEvent(Event, frozen=True, kw_only=True):
    """The job has saved a checkpoint; the next *automatic* one replaces it if it is automatic."""

    checkpoint_id: str
    step: int
    epoch: int
    automatic: bool = False


class DiagnosticEvent(Event, frozen=True, kw_only=True):
    """A likely problem of the training, with the numbers that show it and a hint.

    *advice* has the hint as changes to the job's body: the new value for each JSON pointer. If the job was resumed in
    another environment, *before* and *now* describe both.
    """

    code: str
    message: str
    hint: str = ""
    layer: int | None = None
    epoch: int | None = None
    step: int | None = None
    evidence: dict[str, float | str | None] = field(default_factory=dict)
    advice: dict[str, Any] = field(default_factory=dict)
    before: dict[str, Any] | None = None
    now: dict[str, Any] | None = None


class ChangeEvent(Event, frozen=True, kw_only=True):
    """A client changed hyperparameters; the job trains with them from *step* on."""

    step: int
    learning_rate: float | None = None
    momentum: float | None = None


_TYPES: Mapping[str, type[Event]] = {
    "status": StatusEvent,
    "steps": StepsEvent,
    "epoch": EpochEvent,
    "checkpoint": CheckpointEvent,
    "diagnostic": DiagnosticEvent,
    "change": ChangeEvent,
}


def event_of(text: str | bytes) -> Event:
    """Return the event in a JSON text: of its own class, or a plain `Event` if its type is unknown.

    Raises:
        UnexpectedResponse: The text is no event.
    """
    try:
        event = msgspec.json.decode(text, type=Event)
        kind = _TYPES.get(event.type)
        if kind is None:
            return event
        envelope = {"number": event.number, "type": event.type, "at": event.at, "data": event.data}
        return msgspec.convert(event.data | envelope, kind)
    except msgspec.DecodeError as error:
        raise UnexpectedResponse(f"This is no event of a job: {text[:200]!r} ({error}).") from None
