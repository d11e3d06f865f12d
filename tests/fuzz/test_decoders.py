"""No input brings out an error that is not ours: a few thousand in every run, a million by ``make fuzz``."""

import os
import random
import time
from pathlib import Path

import pytest

from tests.fuzz.decoders import DECODERS, mutated

#: Inputs for each decoder, and the number that the first of them is made from.
INPUTS, FIRST = int(os.environ.get("FUZZ_INPUTS", "250")), int(os.environ.get("FUZZ_SEED", "1"))

#: What one input may take, in seconds of the processor: a thousand times the usual.
SLOWEST_S = 2.0


@pytest.mark.timeout(0)
# Starlette leaves the file of a part that the body ends in to the garbage collector, which closes it and says so
@pytest.mark.filterwarnings("ignore:.*SpooledTemporaryFile:pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("name", DECODERS)
def test_only_errors_of_ours_come_out(name: str) -> None:
    """Good inputs are read; inputs made bad are read or refused, each in a bounded time."""
    decoder, began, read = DECODERS[name], time.monotonic(), 0
    assert all(map(decoder.survives, decoder.seeds))
    for number in range(FIRST, FIRST + INPUTS):
        chance = random.Random(number)  # noqa: S311  # a find is made again from its number
        data, started = mutated(chance.choice(decoder.seeds), chance), time.process_time()
        try:
            read += decoder.survives(data)
        except Exception as error:
            error.add_note(f"{name}, input {number}: {data[:200]!r}")
            raise
        assert time.process_time() - started < SLOWEST_S, (name, number)
    if report := os.environ.get("FUZZ_REPORT"):
        with Path(report).open("a") as lines:
            lines.write(f"{name}: {INPUTS:,} inputs, {read:,} read, {time.monotonic() - began:.0f} s\n")
