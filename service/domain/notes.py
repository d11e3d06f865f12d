"""Notes on a job: what its configuration allows, but a client may not expect."""

from dataclasses import dataclass

import naivenet
from naivenet.processor import has_bfloat16
from service.domain.config import JobConfig
from service.domain.job import Environment


@dataclass(frozen=True, kw_only=True)
class Note:
    """What to know of a job: a stable *code* for programs, and a *message* for people."""

    code: str
    message: str


NO_BFLOAT16 = Note(
    code="no_bfloat16",
    message="This processor has no bfloat16 instructions (avx512_bf16 or amx_bf16): bfloat16 is no faster than float32 "
    "here.",
)


def computes_in(precision: naivenet.Precision, environment: Environment | None = None) -> bool:
    """Return whether a processor has instructions for a precision: a job's newest, or without one this process's."""
    if precision == "float32":
        return True
    if environment is None:
        return naivenet.computes_bfloat16()
    return environment.device == "gpu" or has_bfloat16(environment.instruction_set, environment.variables)


def notes_of(config: JobConfig, environment: Environment | None = None) -> list[Note]:
    """Return the notes on a job whose newest worker trains in *environment*, or that has no worker yet."""
    return [] if computes_in(config.precision, environment) else [NO_BFLOAT16]
