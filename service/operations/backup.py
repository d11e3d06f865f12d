"""A backup: one tar file with a manifest, all rows of one moment, and the bytes of the checkpoints that they name.

It is made while the service runs. What is deleted between the rows and the bytes is left out of both; what is damaged
is taken as it is, for one bad file must not keep the others from being saved. Exports and evaluations are not in it:
they are made again when they are asked for.
"""

import io
import json
import os
import tarfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from service.errors import Conflict, CorruptBackup, CorruptCheckpoint
from service.storage.blobs import BlobStore, digest
from service.store.database import HEAD
from service.store.operations.dumps import DumpStore

MANIFEST, ROWS, BLOBS = "manifest.json", "rows.jsonl", "blobs/"

#: What a backup of this kind says of itself.
FORMAT = 1


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What a backup has in it.

    Attributes:
        bytes: Of all checkpoints' weights.
        damaged: The ids of checkpoints whose bytes were lost or not the recorded ones when the backup was made.
    """

    rows: int
    checkpoints: int
    bytes: int
    damaged: tuple[str, ...] = ()


class Backup:
    """Makes backups of a database and a checkpoint store, and fills empty ones from them."""

    def __init__(self, dumps: DumpStore, blobs: BlobStore) -> None:
        self._dumps, self._blobs = dumps, blobs

    def write(self, path: Path) -> Summary:
        """Make a backup, whole or not at all, readable by its owner only.

        Raises:
            Conflict: There is a file of that name.
        """
        if path.exists():
            raise Conflict(f"{path} is there already.")
        with _whole(path) as file, tarfile.open(fileobj=file, mode="w") as tar:
            lines = list(self._dumps.lines())
            spoiled = {row["id"] for row in _checkpoints(lines) if not self._add_bytes(tar, row)}
            damaged = spoiled & self._dumps.checkpoint_ids()
            lines = _without(lines, deleted=spoiled - damaged)
            rows = "\n".join(lines).encode()
            _add(tar, ROWS, rows)
            summary = _summary(lines, damaged=tuple(sorted(damaged)))
            told = {"format": FORMAT, "migration": HEAD, "rows_sha256": digest(rows), "summary": asdict(summary)}
            _add(tar, MANIFEST, json.dumps(told).encode())
        return summary

    def restore(self, path: Path) -> Summary:
        """Fill the database and the store, which must be empty, with what a backup has; all digests are checked.

        A checkpoint that was damaged when the backup was made is as damaged afterwards.

        Raises:
            Conflict: There is something already.
            CorruptBackup: The file is no backup, or not whole, or of other tables than these.
        """
        if not self._dumps.is_empty() or self._blobs.names():
            raise Conflict("A backup is restored into an empty database and an empty checkpoint store only.")
        written: list[str] = []
        try:
            with tarfile.open(path, mode="r:") as tar:
                summary, lines = _contents(tar)
                for row in _checkpoints(lines):
                    for name, data in _bytes(tar, row, damaged=row["id"] in summary.damaged):
                        self._blobs.write(name, data)
                        written.append(name)
            self._dumps.load(lines)
        except BaseException as error:
            with suppress(Exception):  # what cannot be removed now is in nobody's way: no row speaks of it
                self._blobs.delete(*written)
            if isinstance(error, tarfile.TarError | ValueError | KeyError | TypeError):
                raise CorruptBackup(f"{path} is no backup, or not whole: {error}.") from error
            raise
        return summary

    def _add_bytes(self, tar: tarfile.TarFile, row: dict[str, Any]) -> bool:
        """Add a checkpoint's bytes; False where they are gone or damaged. Either half is kept for itself."""
        whole = True
        for name, sha256 in _expected(row):
            try:
                data = self._blobs.read(name)
            except CorruptCheckpoint:
                whole = False
            else:
                _add(tar, BLOBS + name, data)
                whole &= digest(data) == sha256
        return whole


def _checkpoints(lines: list[str]) -> list[dict[str, Any]]:
    return [row for table, row in map(json.loads, lines) if table == "checkpoints"]


def _without(lines: list[str], *, deleted: Collection[str]) -> list[str]:
    """Less these checkpoints; no other row speaks of one, or it could not have been deleted."""
    rows = map(json.loads, lines)
    return [line for line, (_, row) in zip(lines, rows, strict=True) if row.get("id") not in deleted]


def _summary(lines: list[str], *, damaged: tuple[str, ...]) -> Summary:
    checkpoints = _checkpoints(lines)
    stored = sum(row["bytes"] for row in checkpoints)
    return Summary(rows=len(lines), checkpoints=len(checkpoints), bytes=stored, damaged=damaged)


def _expected(row: dict[str, Any]) -> list[tuple[str, str]]:
    """The names of a checkpoint's bytes, each with its digest. No name is a path, whatever the row says."""
    if not str(row["id"]).removeprefix("ckpt_").isalnum():
        raise CorruptBackup(f"{row['id']!r} is no checkpoint's id.")
    names = [(f"{row['id']}.safetensors", row["sha256"])]
    return names + ([(f"{row['id']}.state.safetensors", row["state_sha256"])] if row["state_sha256"] else [])


def _contents(tar: tarfile.TarFile) -> tuple[Summary, list[str]]:
    told = json.loads(_member(tar, MANIFEST))
    if told["format"] != FORMAT or told["migration"] != HEAD:
        raise CorruptBackup(
            f"It is of format {told['format']} and migration {told['migration']}, "
            f"and this naivenet of {FORMAT} and {HEAD}: "
            "restore it with the version that made it, and start the newer one on that."
        )
    summary = Summary(**told["summary"] | {"damaged": tuple(told["summary"]["damaged"])})
    return summary, _member(tar, ROWS, told["rows_sha256"]).decode().splitlines()


def _bytes(tar: tarfile.TarFile, row: dict[str, Any], *, damaged: bool) -> Iterator[tuple[str, bytes]]:
    """A checkpoint's bytes, each with its name; of a damaged one what there is, and unchecked."""
    for name, sha256 in _expected(row):
        if not damaged:
            yield name, _member(tar, BLOBS + name, sha256)
        elif BLOBS + name in tar.getnames():
            yield name, _member(tar, BLOBS + name)


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
