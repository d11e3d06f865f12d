"""What a job's log tells: numbered from 1 without gaps, appended in the transaction that does what it tells."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


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
