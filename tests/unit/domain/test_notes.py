"""Notes on a job: whether a processor has instructions for its precision."""

import dataclasses

import pytest

import naivenet
from service.domain import notes
from service.domain.config import JobConfig
from service.domain.job import Environment
from service.domain.notes import NO_BFLOAT16, notes_of

FLOAT32, BFLOAT16 = JobConfig(), JobConfig(precision="bfloat16")
WITH = Environment(processor="AMD EPYC", instruction_set="AVX512_CORE_BF16", versions={})


def test_before_its_first_worker_this_processor_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    """A job in bfloat16 has the note where this processor has no instructions for it; one in float32 never has."""
    for native, expected in ((True, []), (False, [NO_BFLOAT16])):
        monkeypatch.setattr(naivenet, "computes_bfloat16", lambda native=native: native)
        assert notes_of(BFLOAT16) == expected
        assert notes_of(FLOAT32) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"instruction_set": "AVX2"}, [NO_BFLOAT16]),
        ({"variables": {"TF_ENABLE_ONEDNN_OPTS": "0"}}, [NO_BFLOAT16]),
        ({"instruction_set": "AVX2", "device": "gpu"}, []),
    ],
)
def test_then_the_environment_of_its_worker_decides(changes: dict[str, object], expected: list[notes.Note]) -> None:
    """The worker may be on another machine: its instruction set and variables count, or its GPU."""
    environment = dataclasses.replace(WITH, **changes)  # type: ignore[arg-type]
    assert notes_of(BFLOAT16, environment) == expected
    assert notes_of(FLOAT32, environment) == []
