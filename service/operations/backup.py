"""Writes and restores backups: one tar file with a manifest, all database rows, and the bytes of all files.

The files are those of checkpoints, of uploaded datasets, and the original pictures of samples. A backup is made while
the service runs. All rows come from one database snapshot. A checkpoint or dataset that is deleted before its bytes are
read is left out, and a sample loses its original. The bytes of damaged files are saved as they are, so that one bad
file does not prevent a backup of the others. Exports and evaluations are not saved: the service computes them again.
"""

import io
import json
import re
import tarfile
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from service.domain.checkpoint import weights_blob_of
from service.domain.dataset import arrays_blob_of, original_blob_of
from service.errors import Conflict, CorruptBackup, CorruptCheckpoint
from service.storage.atomic_file import atomic_file
from service.storage.blobs import STORE_ID, BlobStore, digest
from service.store.database import HEAD, migrations
from service.store.operations.dumps import DumpStore

Files = list[tuple[str, str]]
"""The names of the files of a row, with their digests."""

MANIFEST, ROWS, BLOBS = "manifest.json", "rows.jsonl", "blobs/"

#: The version of the backup format; the manifest of each backup has it.
FORMAT = 1


@dataclass(frozen=True, kw_only=True)
class Summary:
    """The contents of a backup.

    Attributes:
        rows: The number of database rows.
        checkpoints: The number of checkpoints.
        bytes: The total size of the checkpoints' weights.
        damaged: The ids of what had missing bytes or a wrong digest when the backup was made.
        datasets: The number of uploaded or collected datasets.
    """

    rows: int
    checkpoints: int
    bytes: int
    damaged: tuple[str, ...] = ()
    datasets: int = 0


class Backup:
    """Backs up a database and a checkpoint store, and restores them."""

    def __init__(self, dumps: DumpStore, blobs: BlobStore) -> None:
        self._dumps, self._blobs = dumps, blobs

    def write(self, path: Path) -> Summary:
        """Write a backup atomically; only the owner of the file can read it.

        Raises:
            Conflict: The file exists.
        """
        if path.exists():
            raise Conflict(f"{path} already exists: choose another file name, or remove that file.")
        partial = path.with_name(f"{path.name}.partial")
        with atomic_file(path, partial=partial, mode=0o600) as file, tarfile.open(fileobj=file, mode="w") as tar:
            lines = list(self._dumps.lines())
            incomplete = {row_id for row_id, files in _owners(lines) if not self._add_bytes(tar, files)}
            damaged = incomplete & self._dumps.file_ids()
            lines = _without(lines, deleted=incomplete - damaged)
            rows = "\n".join(lines).encode()
            _add(tar, ROWS, rows)
            summary = _summary(lines, damaged=tuple(sorted(damaged)))
            manifest = {"format": FORMAT, "migration": HEAD, "rows_sha256": digest(rows), "summary": asdict(summary)}
            _add(tar, MANIFEST, json.dumps(manifest).encode())
        return summary

    def restore(self, path: Path) -> Summary:
        """Restore a backup into an empty database and an empty checkpoint store; check all digests.

        A checkpoint that was damaged when the backup was made stays damaged. A backup of an older version is migrated.

        Raises:
            Conflict: The database or the checkpoint store is not empty.
            CorruptBackup: The file is not a complete backup, or a newer version of naivenet made it.
        """
        if not self._dumps.is_empty() or self._blobs.names():
            raise Conflict(
                "The database or the checkpoint store is not empty: restore into an empty data folder, or into an "
                "empty database with an empty checkpoint store."
            )
        self._blobs.delete(STORE_ID)
        written: list[str] = []
        try:
            with tarfile.open(path, mode="r:") as tar:
                summary, migration, lines = _contents(tar)
                for row_id, files in _owners(lines):
                    for name, data in _bytes(tar, files, damaged=row_id in summary.damaged):
                        self._blobs.write(name, data)
                        written.append(name)
            self._dumps.load(lines, migration=migration)
        except BaseException as error:
            with suppress(Exception):  # bytes that stay do no harm: no row refers to them
                self._blobs.delete(*written)
            if isinstance(error, tarfile.TarError | ValueError | KeyError | TypeError):
                raise CorruptBackup(
                    f"{path} is not a complete backup: {error}. Copy the file again, or use another backup."
                ) from error
            raise
        return summary

    def _add_bytes(self, tar: tarfile.TarFile, files: Files) -> bool:
        """Add the files of a row; return False if any of them is missing or damaged."""
        is_intact = True
        for name, sha256 in files:
            try:
                data = self._blobs.read(name)
            except CorruptCheckpoint:
                is_intact = False
            else:
                _add(tar, BLOBS + name, data)
                is_intact &= digest(data) == sha256
        return is_intact


def _rows(lines: list[str], table: str) -> list[dict[str, Any]]:
    return [row for of, row in map(json.loads, lines) if of == table]


def _without(lines: list[str], *, deleted: Collection[str]) -> list[str]:
    """Return the lines without deleted checkpoints and datasets; a deleted sample only loses its original picture.

    No other row can refer to a checkpoint that was deleted.
    """
    kept = []
    for line in lines:
        table, row = json.loads(line)
        if row.get("dataset_id") in deleted:
            continue
        if row.get("id") not in deleted:
            kept.append(line)
        elif table == "dataset_samples":
            kept.append(json.dumps([table, row | {"original": None}]))
    return kept


def _summary(lines: list[str], *, damaged: tuple[str, ...]) -> Summary:
    checkpoints = _rows(lines, "checkpoints")
    stored, datasets = sum(row["bytes"] for row in checkpoints), len(_rows(lines, "datasets"))
    return Summary(rows=len(lines), checkpoints=len(checkpoints), bytes=stored, damaged=damaged, datasets=datasets)


def _owners(lines: list[str]) -> Iterator[tuple[str, Files]]:
    """Yield the id of each row that has files, and the files; refuse an id that could become a path."""
    for table, row in map(json.loads, lines):
        if table in _FILES and (files := _FILES[table](row)):
            if not _ID.fullmatch(str(row["id"])):
                raise CorruptBackup(f"{row['id']!r} is not a valid id: the backup is damaged; use another one.")
            yield row["id"], files


def _of_checkpoint(row: dict[str, Any]) -> Files:
    names = [(weights_blob_of(row["id"]), row["sha256"])]
    return names + ([(f"{row['id']}.state.safetensors", row["state_sha256"])] if row["state_sha256"] else [])


def _of_dataset(row: dict[str, Any]) -> Files:
    return [(arrays_blob_of(row["id"]), row["sha256"])] if row["sha256"] else []


def _of_sample(row: dict[str, Any]) -> Files:
    return [(original_blob_of(row["id"]), row["original"]["sha256"])] if row["original"] else []


_ID = re.compile(r"[a-z]+_[0-9a-zA-Z]+")
_FILES: Mapping[str, Callable[[dict[str, Any]], Files]] = {
    "checkpoints": _of_checkpoint,
    "datasets": _of_dataset,
    "dataset_samples": _of_sample,
}


def _contents(tar: tarfile.TarFile) -> tuple[Summary, str, list[str]]:
    """Return the summary, the newest migration of the backed-up database, and its rows."""
    manifest = json.loads(_member(tar, MANIFEST))
    if manifest["format"] != FORMAT or manifest["migration"] not in migrations():
        raise CorruptBackup(
            f"The backup has format {manifest['format']} and migration {manifest['migration']}, but this version of "
            f"naivenet reads format {FORMAT} and migrations up to {HEAD}: restore it with the version that made it, "
            "or with a newer one."
        )
    summary = Summary(**manifest["summary"] | {"damaged": tuple(manifest["summary"]["damaged"])})
    return summary, manifest["migration"], _member(tar, ROWS, manifest["rows_sha256"]).decode().splitlines()


def _bytes(tar: tarfile.TarFile, files: Files, *, damaged: bool) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the bytes of each file of a row; for a damaged one, what was saved, without a check."""
    for name, sha256 in files:
        if not damaged:
            yield name, _member(tar, BLOBS + name, sha256)
        elif BLOBS + name in tar.getnames():
            yield name, _member(tar, BLOBS + name)


def _member(tar: tarfile.TarFile, name: str, sha256: str | None = None) -> bytes:
    """Return the bytes of a tar member in memory; nothing is unpacked to the disk, so no path can escape."""
    file = tar.extractfile(name)
    data = file.read() if file else b""
    if sha256 is not None and digest(data) != sha256:
        raise CorruptBackup(
            f"{name} in the backup is damaged: its SHA-256 is not the recorded one. "
            "Copy the file again, or use another backup."
        )
    return data


def _add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(data), 0o600
    tar.addfile(entry, io.BytesIO(data))
