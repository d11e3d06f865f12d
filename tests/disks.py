"""A small disk for tests, which they can fill."""

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

SMALL_DISK_BYTES = 12_000_000


@contextlib.contextmanager
def mounted(folder: Path, *, size: int = SMALL_DISK_BYTES) -> Iterator[Path]:
    """Mount a file system of *size* bytes on *folder*, and unmount it at the end; without root, skip the test."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a tmpfs cannot be mounted here: that needs root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(file: Path, *, leave: int = 0) -> None:
    """Write to the file until the disk is full, or has only *leave* bytes free."""
    with file.open("wb", buffering=0) as writing, contextlib.suppress(OSError):
        while True:
            writing.write(b"0" * 4096)
    if leave:
        with file.open("ab") as shortened:
            shortened.truncate(file.stat().st_size - leave)
