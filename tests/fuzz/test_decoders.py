"""No input makes a decoder raise an undocumented error: a few thousand in every run, a million by ``make fuzz``."""

import os
import random
import time
from pathlib import Path

import pytest

from tests.fuzz.decoders import DECODERS, mutated

#: The number of inputs for each decoder, and the seed of the first; the others count up.
INPUTS, FIRST = int(os.environ.get("FUZZ_INPUTS", "250")), int(os.environ.get("FUZZ_SEED", "1"))

#: The most CPU seconds that one input may take: a thousand times the usual.
SLOWEST_S = 2.0


@pytest.mark.timeout(0)
# Starlette leaves the file of an incomplete part to the garbage collector, which warns as it closes it
@pytest.mark.filterwarnings("ignore:.*SpooledTemporaryFile:pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("name", DECODERS)
def test_only_documented_errors_are_raised(name: str) -> None:
    """Valid inputs are read; mutated ones are read or refused, each within its CPU time."""
    decoder, began, read = DECODERS[name], time.monotonic(), 0
    assert all(map(decoder.survives, decoder.seeds))
    for number in range(FIRST, FIRST + INPUTS):
        chance = random.Random(number)  # noqa: S311  # a failure is reproduced from its number
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
