"""Converts uploaded .keras, HDF5 and ONNX files to safetensors, by the import program in a process of its own."""

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import IO

from naivenet.errors import CheckpointError
from service.errors import WorkerTimeout

#: The module of the import program, and its exit status if it refuses a file.
PROGRAM, REFUSED_STATUS = "service.imports", 4

TIMEOUT_S = 60.0

_HDF5 = b"\x89HDF\r\n\x1a\n"
_KERAS_MEMBERS = {"config.json", "model.weights.h5"}

#: How an ONNX file begins: field 1, its version, and then its producer, graph or opset.
_ONNX, _ONNX_NEXT = b"\x08", (b"\x12", b"\x3a", b"\x42")

_NAMES = {"keras": "a .keras file", "hdf5": "HDF5, as Keras writes .weights.h5", "onnx": "ONNX"}


@contextmanager
def as_safetensors(file: IO[bytes]) -> Iterator[IO[bytes]]:
    """Yield a file of weights as it is, or if it is of a foreign format, what it was converted to.

    Raises:
        CheckpointError: The file is of a foreign format, and cannot be read; the message names the format.
        WorkerTimeout: Reading took too long.
    """
    form = _foreign_format(file)
    if form is None:
        yield file
        return
    with TemporaryFile() as given, TemporaryFile() as converted:  # a process takes files only, not memory
        shutil.copyfileobj(file, given)
        given.seek(0)
        _run_program(form, given, converted)
        converted.seek(0)
        yield converted


def _foreign_format(file: IO[bytes]) -> str | None:
    """Return the format by the first bytes, and leave the file at its beginning."""
    file.seek(0)
    start = file.read(len(_HDF5))
    file.seek(0)
    if start == _HDF5:
        return "hdf5"
    if start.startswith(_ONNX) and start[2:3] in _ONNX_NEXT:
        return "onnx"
    is_keras = start.startswith(b"PK") and _names(file) >= _KERAS_MEMBERS
    file.seek(0)
    return "keras" if is_keras else None


def _names(file: IO[bytes]) -> set[str]:
    try:
        with zipfile.ZipFile(file) as archive:
            return set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, OSError):
        return set()


def _run_program(form: str, given: IO[bytes], converted: IO[bytes]) -> None:
    command = [sys.executable, "-m", PROGRAM, form]
    one_thread = {"OPENBLAS_NUM_THREADS": "1"}
    try:
        done = subprocess.run(  # noqa: S603  # our own module
            command,
            stdin=given,
            stdout=converted,
            stderr=subprocess.PIPE,
            env=os.environ | one_thread,
            timeout=TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise WorkerTimeout(f"Reading the upload took longer than {TIMEOUT_S:g} seconds.") from None
    if done.returncode == 0:
        return
    message = done.stderr.decode("utf-8", "replace").strip() if done.returncode == REFUSED_STATUS else "it is damaged"
    raise CheckpointError(f"this is {_NAMES[form]}, which cannot be read: {message}")
