"""Exports checkpoints to the formats of other libraries: each is written once, in a subprocess, and kept."""

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

#: The module of the export program, and its exit status if a package is missing.
PROGRAM, MISSING_PACKAGE_STATUS = "service.exports", 3

TIMEOUT_S = 120.0

#: The end of a failed program's error output that goes into the error message, in characters.
ERROR_CHARACTERS = 500


class Exporter:
    """Exports checkpoints, one at a time, since TensorFlow takes half a gigabyte of memory meanwhile.

    Args:
        services: The stores of the weights and of the exports.
    """

    def __init__(self, services: Services) -> None:
        self._weights, self._blobs = services.weights, services.blobs
        self._one_at_a_time = asyncio.Lock()

    async def export(self, checkpoint: Checkpoint, form: Foreign) -> bytes:
        """Return the checkpoint in the format *form*: always the bytes of the first export, which are kept.

        Raises:
            CorruptCheckpoint: Its weights are missing or corrupt.
            NotInstalled: A package that writes this format is not installed.
            WorkerTimeout: The export took too long.
        """
        name = checkpoint.derived_blob(form)
        async with self._one_at_a_time:
            try:
                return await run_in_threadpool(self._blobs.read, name)
            except CorruptCheckpoint:  # not exported yet
                weights = await run_in_threadpool(self._weights.read, checkpoint)
            exported = await _run_program(weights, form)
            await run_in_threadpool(self._blobs.write, name, exported)
            return exported


async def _run_program(weights: bytes, form: Foreign) -> bytes:
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}
    command = [sys.executable, "-m", PROGRAM, form]  # not by asyncio, which forks: see service.charts.renderer
    process = subprocess.Popen(command, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=os.environ | quiet)  # noqa: S603, ASYNC220  # our own module, started by vfork
    try:
        async with asyncio.timeout(TIMEOUT_S):
            exported, error_output = await asyncio.to_thread(process.communicate, weights)
    except TimeoutError as error:
        raise WorkerTimeout(f"The export to {form} took longer than {TIMEOUT_S:g} seconds; try again later.") from error
    finally:
        process.kill()  # does nothing if it has ended
    message = error_output.decode("utf-8", "replace").strip()
    if process.returncode == MISSING_PACKAGE_STATUS:
        raise NotInstalled(message.splitlines()[-1])
    if process.returncode != 0:
        raise ServiceError(f"The export to {form} failed: {message[-ERROR_CHARACTERS:]}")
    return exported
