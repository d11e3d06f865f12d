"""Events of a job's log, numbered from 1 without gaps, each appended in the transaction of the change itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class EventType(StrEnum):
    """The kind of an event, with the fields of its data."""

    STATUS = "status"  # {status, attempt}, with {code, message} under `reason` after an error
    STEPS = "steps"  # {first_step, epoch, losses}
    EPOCH = "epoch"  # the metrics of an epoch
    CHECKPOINT = "checkpoint"  # {checkpoint_id, step, epoch}, with `automatic` if the next one replaces it
    DIAGNOSTIC = "diagnostic"  # a likely problem of the training, with evidence and a hint
    CHANGE = "change"  # {step, learning_rate, momentum}: trained with from that step on


@dataclass(frozen=True, kw_only=True, eq=False)
class Event:
    """An event of a job's log.

    Attributes:
        number: From 1; the next event has the next number.
        data: As in JSON, except that losses and metrics may be NaN or infinite.
    """

    number: int
    type: EventType
    at: datetime
    data: Mapping[str, Any]
