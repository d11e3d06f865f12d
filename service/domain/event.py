"""What a job's log tells: numbered from 1 without gaps, appended in the transaction that does what it tells."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from service.domain.history import nonfinite


class EventType(StrEnum):
    """What an event is about, and what its data has."""

    STATUS = "status"  # {status, attempt}, with {code, message} under `reason` where something went wrong
    STEPS = "steps"  # {first_step, epoch, losses}
    EPOCH = "epoch"  # the figures of an epoch
    CHECKPOINT = "checkpoint"  # {checkpoint_id, step, epoch}
    DIAGNOSTIC = "diagnostic"  # something a learner should know, with evidence and a hint
    CHANGE = "change"  # {step, learning_rate, momentum}: in force from that step on


@dataclass(frozen=True, kw_only=True, eq=False)
class Event:
    """One entry of a job's log.

    Attributes:
        number: From 1; the next entry's is one more.
        data: As JSON holds it, but that losses and figures may be NaN or infinite.
    """

    number: int
    type: EventType
    at: datetime
    data: Mapping[str, Any]


def sayable(data: Mapping[str, Any]) -> dict[str, Any]:
    """The data for JSON: a number that is not finite is null, with its name under ``nonfinite`` beside it."""
    said = {name: _sayable(value) for name, value in data.items()}
    kinds = [kind for value in data.values() if (kind := _nonfinite(value))]
    return said | {"nonfinite": kinds[0]} if kinds else said


def _sayable(value: object) -> object:
    if isinstance(value, Mapping):
        return sayable(value)
    if isinstance(value, list | tuple):
        return [_sayable(each) for each in value]
    return None if _nonfinite(value) else value


def _nonfinite(value: object) -> str | None:
    """The name of the number, or of the first in the list, that is not finite."""
    if isinstance(value, list | tuple):
        return next((kind for each in value if (kind := _nonfinite(each))), None)
    return nonfinite(value) if isinstance(value, float) else None
