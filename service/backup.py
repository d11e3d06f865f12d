"""A backup: one tar file with a manifest, all rows of one moment, and the bytes of the checkpoints that they name.

It is made while the service runs. What is deleted between the rows and the bytes is left out of both. Exports and
evaluations are not in it: they are made again when they are asked for.
"""

import io
import json
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from service.blobs import BlobStore, digest
from service.errors import Conflict, CorruptBackup, CorruptCheckpoint
from service.store.database import HEAD
from service.store.dumps import DumpStore

MANIFEST, ROWS, BLOBS = "manifest.json", "rows.jsonl", "blobs/"

#: What a backup of this kind says of itself.
FORMAT = 1


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What a backup has in it."""

    rows: int
    checkpoints: int
    bytes: int


class Backup:
    """Makes backups of a database and a checkpoint store, and fills empty ones from them."""

    def __init__(self, dumps: DumpStore, blobs: BlobStore) -> None:
        self._dumps, self._blobs = dumps, blobs

    def write(self, path: Path) -> Summary:
        """Make a backup, whole or not at all, readable by its owner only.

        Raises:
            Conflict: There is a file of that name.
            CorruptCheckpoint: The bytes of a checkpoint are damaged.
        """
        if path.exists():
            raise Conflict(f"{path} is there already.")
        with _whole(path) as file, tarfile.open(fileobj=file, mode="w") as tar:
            lines = [line for line in list(self._dumps.lines()) if self._add_bytes(tar, *json.loads(line))]
            rows = "\n".join(lines).encode()
            _add(tar, ROWS, rows)
            summary = _summary(lines)
            told = {"format": FORMAT, "migration": HEAD, "rows_sha256": digest(rows), "summary": asdict(summary)}
            _add(tar, MANIFEST, json.dumps(told).encode())
        return summary

    def restore(self, path: Path) -> Summary:
        """Fill the database and the store, which must be empty, with what a backup has; all digests are checked.

        Raises:
            Conflict: There is something already.
            CorruptBackup: The file is no backup, or not whole, or of other tables than these.
        """
        if not self._dumps.is_empty() or self._blobs.names():
            raise Conflict("A backup is restored into an empty database and an empty checkpoint store only.")
        written: list[str] = []
        try:
            with tarfile.open(path, mode="r:") as tar:
                told, lines = _contents(tar)
                for line in lines:
                    table, row = json.loads(line)
                    for name, sha256 in _expected(row) if table == "checkpoints" else ():
                        self._blobs.write(name, _member(tar, BLOBS + name, sha256))
                        written.append(name)
            self._dumps.load(lines)
        except BaseException as error:
            with suppress(Exception):  # what cannot be removed now is in nobody's way: no row speaks of it
                self._blobs.delete(*written)
            if isinstance(error, tarfile.TarError | ValueError | KeyError | TypeError):
                raise CorruptBackup(f"{path} is no backup, or not whole: {error}.") from error
            raise
        return Summary(**told["summary"])

    def _add_bytes(self, tar: tarfile.TarFile, table: str, row: dict[str, Any]) -> bool:
        """Add a checkpoint's bytes; False where they are gone, for it was deleted meanwhile."""
        found = []
        for name, sha256 in _expected(row) if table == "checkpoints" else ():
            try:
                found.append((name, self._blobs.read(name, sha256=sha256)))
            except CorruptCheckpoint:
                if name in self._blobs.names():  # not gone, but damaged
                    raise
                return False
        for name, data in found:
            _add(tar, BLOBS + name, data)
        return True


def _summary(lines: list[str]) -> Summary:
    checkpoints = [row for table, row in map(json.loads, lines) if table == "checkpoints"]
    return Summary(rows=len(lines), checkpoints=len(checkpoints), bytes=sum(row["bytes"] for row in checkpoints))


def _expected(row: dict[str, Any]) -> list[tuple[str, str]]:
    """The names of a checkpoint's bytes, each with its digest. No name is a path, whatever the row says."""
    if not str(row["id"]).removeprefix("ckpt_").isalnum():
        raise CorruptBackup(f"{row['id']!r} is no checkpoint's id.")
    names = [(f"{row['id']}.safetensors", row["sha256"])]
    return names + ([(f"{row['id']}.state.safetensors", row["state_sha256"])] if row["state_sha256"] else [])


def _contents(tar: tarfile.TarFile) -> tuple[dict[str, Any], list[str]]:
    told = json.loads(_member(tar, MANIFEST))
    if told["format"] != FORMAT or told["migration"] != HEAD:
        raise CorruptBackup(
            f"It is of format {told['format']} and migration {told['migration']}, "
            f"and this naivenet of {FORMAT} and {HEAD}: "
            "restore it with the version that made it, and start the newer one on that."
        )
    return told, _member(tar, ROWS, told["rows_sha256"]).decode().splitlines()


def _member(tar: tarfile.TarFile, name: str, sha256: str | None = None) -> bytes:
    """The bytes of a member: nothing is unpacked anywhere."""
    file = tar.extractfile(name)
    data = file.read() if file else b""
    if sha256 is not None and digest(data) != sha256:
        raise CorruptBackup(f"{name} is damaged: its SHA-256 is not the one recorded.")
    return data


def _add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(data), 0o600
    tar.addfile(entry, io.BytesIO(data))


@contextmanager
def _whole(path: Path) -> Iterator[IO[bytes]]:
    """A file that has its name once it is whole, and on the disk."""
    partial = path.with_name(f"{path.name}.partial")
    try:
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.rename(path)
    finally:
        partial.unlink(missing_ok=True)
