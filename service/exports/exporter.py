"""Checkpoints in the formats of other libraries: written by a process of its own, kept, and written once."""

import asyncio
import os
import subprocess
import sys
from subprocess import PIPE
from typing import Literal

from starlette.concurrency import run_in_threadpool

from service.composition import Services
from service.domain.checkpoint import Checkpoint
from service.errors import CorruptCheckpoint, NotInstalled, ServiceError, WorkerTimeout

Foreign = Literal["keras", "onnx", "savedmodel"]

#: The program, and the status with which it says that a package is missing.
PROGRAM, MISSING = "service.exports", 3

TIMEOUT_S = 120.0


class Exporter:
    """Writes checkpoints for other libraries, one at a time: TensorFlow takes half a gigabyte while it is at it.

    Args:
        services: Has the weights, and keeps what was written.
    """

    def __init__(self, services: Services) -> None:
        self._weights, self._blobs = services.weights, services.blobs
        self._one_at_a_time = asyncio.Lock()

    async def export(self, checkpoint: Checkpoint, form: Foreign) -> bytes:
        """The checkpoint as *form*: the same bytes each time, as those that were written first are kept.

        Raises:
            CorruptCheckpoint: Its weights are missing or damaged.
            NotInstalled: A package that writes this format is not here.
            WorkerTimeout: It took too long.
        """
        name = checkpoint.derived_blob(form)
        async with self._one_at_a_time:
            try:
                return await run_in_threadpool(self._blobs.read, name)
            except CorruptCheckpoint:  # nobody has asked for it before
                weights = await run_in_threadpool(self._weights.read, checkpoint)
            written = await _written(weights, form)
            await run_in_threadpool(self._blobs.write, name, written)
            return written


async def _written(weights: bytes, form: Foreign) -> bytes:
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}
    command = [sys.executable, "-m", PROGRAM, form]  # not by the event loop, which forks: see service.charts.renderer
    process = subprocess.Popen(command, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=os.environ | quiet)  # noqa: S603, ASYNC220  # our own module, started by vfork
    try:
        async with asyncio.timeout(TIMEOUT_S):
            written, complaint = await asyncio.to_thread(process.communicate, weights)
    except TimeoutError as error:
        raise WorkerTimeout(f"The export to {form} took longer than {TIMEOUT_S:g} seconds.") from error
    finally:
        process.kill()  # who ended by itself is left alone
    said = complaint.decode("utf-8", "replace").strip()
    if process.returncode == MISSING:
        raise NotInstalled(said.splitlines()[-1])
    if process.returncode != 0:
        raise ServiceError(f"The export to {form} failed: {said[-500:]}")
    return written
