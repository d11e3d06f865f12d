"""Exports checkpoints to the formats of other libraries: each is written once, in a subprocess, and kept."""

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Coroutine
from subprocess import PIPE
from tempfile import TemporaryFile
from typing import IO, Any, Literal

from service.composition import Services
from service.domain.checkpoint import Checkpoint
from service.errors import CorruptCheckpoint, NotInstalled, ServiceError, WorkerTimeout
from service.storage.blobs import parts
from service.storage.verified_file import VerifiedFile

#: Runs a function with its arguments in a thread.
RunInThread = Callable[..., Coroutine[Any, Any, Any]]

#: All formats of weights but the one in which they are stored.
Foreign = Literal["npz", "keras", "onnx", "savedmodel"]

#: The module of the export program, and its exit status if a package is missing.
PROGRAM, MISSING_PACKAGE_STATUS = "service.exports", 3

TIMEOUT_S = 120.0

#: The end of a failed program's error output that goes into the error message, in characters.
ERROR_CHARACTERS = 500


class Exporter:
    """Exports checkpoints, one at a time, since TensorFlow takes half a gigabyte of memory meanwhile.

    Args:
        services: The stores of the weights and of the exports.
        run: Runs a call of the checkpoint store in a thread.
    """

    def __init__(self, services: Services, run: RunInThread = asyncio.to_thread) -> None:
        self._blobs, self._run = services.blobs, run
        self._one_at_a_time = asyncio.Lock()

    async def export(self, checkpoint: Checkpoint, form: Foreign) -> str:
        """Return the name of the file with the checkpoint in the format *form*: always of the first export.

        Raises:
            CorruptCheckpoint: Its weights are missing or corrupt.
            NotInstalled: A package that writes this format is not installed.
            WorkerTimeout: The export took too long.
        """
        name = checkpoint.derived_blob(form)
        async with self._one_at_a_time:
            if not await self._run(self._exists, name):
                with TemporaryFile() as weights, TemporaryFile() as exported:  # in memory, large ones would be too many
                    await self._run(self._fetch, checkpoint, weights)
                    await _run_program(weights, exported, form, checkpoint.id)
                    await self._run(self._keep, name, exported)
        return name

    def _exists(self, name: str) -> bool:
        try:
            return self._blobs.size(name) > 0
        except CorruptCheckpoint:  # not exported yet
            return False

    def _fetch(self, checkpoint: Checkpoint, file: IO[bytes]) -> None:
        stored = VerifiedFile(self._blobs, checkpoint.weights_blob, size=checkpoint.bytes, sha256=checkpoint.sha256)
        stored.prepare(whole=True)
        for first, end in parts(0, checkpoint.bytes):
            file.write(stored.read(first, end))
        file.seek(0)

    def _keep(self, name: str, exported: IO[bytes]) -> None:
        exported.seek(0)
        with self._blobs.writing(name) as file:
            shutil.copyfileobj(exported, file)


async def _run_program(weights: IO[bytes], exported: IO[bytes], form: Foreign, checkpoint_id: str) -> None:
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}
    command = [sys.executable, "-m", PROGRAM, form, checkpoint_id]
    # Not by asyncio, which forks: see service.charts.renderer
    process = subprocess.Popen(command, stdin=weights, stdout=exported, stderr=PIPE, env=os.environ | quiet)  # noqa: S603, ASYNC220  # our own module, started by vfork
    try:
        async with asyncio.timeout(TIMEOUT_S):
            _, error_output = await asyncio.to_thread(process.communicate)
    except TimeoutError as error:
        raise WorkerTimeout(f"The export to {form} took longer than {TIMEOUT_S:g} seconds; try again later.") from error
    finally:
        process.kill()  # does nothing if it has ended
    message = error_output.decode("utf-8", "replace").strip()
    if process.returncode == MISSING_PACKAGE_STATUS:
        raise NotInstalled(message.splitlines()[-1])
    if process.returncode != 0:
        raise ServiceError(f"The export to {form} failed: {message[-ERROR_CHARACTERS:]}")
