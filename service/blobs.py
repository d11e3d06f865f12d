"""Checkpoint bytes, over fsspec: a folder by default, an object store by URL; written whole, checked when read."""

import contextlib
import errno
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import fsspec

from service.domain.ids import new_id
from service.errors import CorruptCheckpoint, StorageFull, Unavailable

#: Names that start so are writes under way, or what a crash left of one.
PARTIAL = ".partial-"

#: When one whom the store did not answer may come back, in seconds.
RETRY_AFTER_S = 5


class BlobStore:
    """Named byte strings.

    Args:
        url: Of the folder they lie in, as fsspec reads it: a path, ``memory://…``, ``s3://…``.
    """

    def __init__(self, url: str) -> None:
        self.failures = 0  # calls that the store did not answer
        files: Any
        files, root = fsspec.core.url_to_fs(url)
        self._files, self._root = files, root.rstrip("/")
        self._is_local = "file" in (files.protocol if isinstance(files.protocol, tuple) else (files.protocol,))
        files.makedirs(self._root, exist_ok=True)

    def write(self, name: str, data: bytes, *, durable: bool = True) -> None:
        """Store *data* under *name*: readers see none of it or all of it; where *durable*, also through a power cut.

        Raises:
            StorageFull: There is no space left.
            Unavailable: The store does not answer; so for the others.
        """
        with self._answering():
            if self._is_local:
                _write_file(Path(self._root) / name, data, durable=durable)
            else:  # an object store's put is whole or not at all by itself
                self._files.pipe_file(f"{self._root}/{name}", data)

    def read(self, name: str, *, sha256: str | None = None) -> bytes:
        """The bytes under *name*.

        Raises:
            CorruptCheckpoint: There are none, or their digest is not *sha256*.
        """
        try:
            with self._answering():
                data: bytes = self._files.cat_file(f"{self._root}/{name}")
        except FileNotFoundError as error:
            raise CorruptCheckpoint(f"The stored file {name!r} is missing.") from error
        if sha256 is not None and digest(data) != sha256:
            raise CorruptCheckpoint(f"The stored file {name!r} is damaged: its SHA-256 is not the one recorded.")
        return data

    def delete(self, *names: str) -> None:
        """Remove what is there under these names."""
        for name in names:
            path = f"{self._root}/{name}"
            with self._answering(), contextlib.suppress(FileNotFoundError):
                self._files.rm_file(path)

    def names(self) -> set[str]:
        """Every name, those of unfinished writes included."""
        with self._answering():
            self._files.invalidate_cache()
            return {path.rsplit("/", 1)[-1] for path in self._files.ls(self._root, detail=False)}

    def ping(self) -> None:
        """Raise unless the store can be listed."""
        self._files.ls(self._root, detail=False)

    @contextmanager
    def _answering(self) -> Iterator[None]:
        """Failures of the store by their meaning; that there is no such file is no failure of the store."""
        try:
            yield
        except FileNotFoundError:
            raise
        except OSError as error:
            self.failures += 1
            if error.errno in {errno.ENOSPC, errno.EDQUOT}:
                raise StorageFull("There is no space left where checkpoints lie.") from error
            raise Unavailable(f"The checkpoint store does not answer: {error}.", retry_after_s=RETRY_AFTER_S) from error


def digest(data: bytes) -> str:
    """SHA-256, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def _write_file(path: Path, data: bytes, *, durable: bool) -> None:
    partial = path.with_name(PARTIAL + new_id("blob"))
    try:
        with partial.open("wb") as file:
            file.write(data)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    if durable:
        _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Make the new name itself outlast a power cut, where the platform can."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
