"""Writes files atomically: a file appears under its name only when it is complete."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def atomic_file(path: Path, *, partial: Path, mode: int = 0o666, durable: bool = True) -> Iterator[IO[bytes]]:
    """Open a file to write; on return it has the name *path*, after an error it is deleted.

    Args:
        path: The name of the complete file.
        partial: The name until then, in the same folder.
        mode: The permissions of the file, less the umask.
        durable: Sync the file and its folder to disk, so that they survive a power cut.
    """
    try:
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
            yield file
            file.flush()
            if durable:
                os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    if durable:
        _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Sync the folder, so that the new name survives a power cut, on platforms that can."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
