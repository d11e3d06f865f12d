"""The blob store, on fsspec: a folder by default, an object store by URL. Writes are atomic, reads check digests."""

import contextlib
import errno
import functools
import hashlib
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any

from service.domain.ids import new_id
from service.errors import CorruptCheckpoint, Misconfigured, ServiceError, StorageFull, Unavailable
from service.operations.outages import OutageLog
from service.operations.users import users_of
from service.storage.atomic_file import atomic_file
from service.storage.file_systems import (
    NO_BUCKET,
    code_of,
    message_of,
    open_file_system,
    refusing_wrong_settings,
)

#: The prefix of unfinished files: writes in progress, or left by a crash.
PARTIAL = ".partial-"

#: The folder of swept files, and the file with the id that the database shares. `BlobStore.names` leaves both out.
TRASH, STORE_ID = "trash", "store-id"

#: Large files are uploaded to S3 in parts of this size, so many at a time.
S3_UPLOADS = {"chunksize": 8_000_000, "max_concurrency": 2}

#: The bytes of a file that are read at a time, where it is not read as a whole.
PART_BYTES = 500_000

#: The number of digests of objects that a process remembers.
CACHED_DIGESTS = 10_000

#: When a client may retry after the store was unavailable, in seconds.
RETRY_AFTER_S = 5


class BlobStore:
    """Files by name, in one folder.

    Args:
        url: The fsspec URL of the folder: a path, ``memory://…`` or ``s3://…``.
        options: Further options for fsspec, such as ``{"endpoint_url": …}``.
        check: Check now that the store answers and grants access.

    Raises:
        Misconfigured: The bucket does not exist or denies access; the message says what to do.
        Unavailable: The store is unavailable.
    """

    def __init__(self, url: str, options: Mapping[str, Any] | None = None, *, check: bool = True) -> None:
        self.failures = 0  # the number of calls that failed because the store was unavailable
        self.outages = OutageLog("checkpoint store")
        self._files, root = open_file_system(url, options or {})
        self._root = root.rstrip("/")
        protocol = self._files.protocol
        protocols = {protocol} if isinstance(protocol, str) else set(protocol)
        self._is_local = "file" in protocols
        self._digest_of_version = functools.lru_cache(maxsize=CACHED_DIGESTS)(self._read_digest)
        self._hashing = threading.Lock()
        self._upload_options = S3_UPLOADS if "s3" in protocols else {}
        if protocols & {"file", "memory"}:  # object stores have no folders; a missing bucket is an error
            self._make_folder()
        elif check:
            with refusing_wrong_settings():
                self.ping()

    def _make_folder(self) -> None:
        try:
            self._files.makedirs(self._root, exist_ok=True)
        except OSError as error:
            raise Misconfigured(
                f"The folder {self._root!r} of the checkpoint store cannot be created ({error.strerror}; "
                f"{users_of(Path(self._root))}); create it, or set NAIVENET_STORAGE_URL to another one."
            ) from error
        if self._is_local and not os.access(self._root, os.R_OK | os.W_OK | os.X_OK):
            raise Misconfigured(
                f"The folder of the checkpoint store cannot be read and written: {users_of(Path(self._root))}. Run the "
                "service as its owner, or change its permissions, or set NAIVENET_STORAGE_URL to another one."
            )

    @property
    def folder(self) -> Path | None:
        """The folder on a local disk; None for an object store."""
        return Path(self._root) if self._is_local else None

    def write(self, name: str, data: bytes, *, durable: bool = True) -> None:
        """Write a file atomically: readers see all of it or none. If *durable*, it survives a power cut.

        Raises:
            StorageFull: The store has no space left.
            Unavailable: The store is unavailable; the other methods raise it too.
        """
        with self._answering():
            if self._is_local:
                folder = Path(self._root)
                partial = folder / f"{PARTIAL}{new_id('blob')}"
                with atomic_file(folder / name, partial=partial, durable=durable) as file:
                    file.write(data)
            else:  # an object store's put is atomic
                self._files.pipe_file(f"{self._root}/{name}", data)

    @contextmanager
    def writing(self, name: str) -> Iterator[IO[bytes]]:
        """Open a file to write in pieces; on return it has its name, and after an error it does not exist.

        Inside, only the file may raise errors that are not this service's own.
        """
        with self._answering():
            if self._is_local:
                partial = Path(self._root) / f"{PARTIAL}{new_id('blob')}"
                with atomic_file(Path(self._root) / name, partial=partial) as file:
                    yield file
            else:
                with NamedTemporaryFile() as file:
                    yield file
                    file.flush()
                    self._files.put_file(file.name, f"{self._root}/{name}", **self._upload_options)

    def size(self, name: str) -> int:
        """Return the size of a file in bytes.

        Raises:
            CorruptCheckpoint: The file is missing.
        """
        return int(self._info(name)["size"])

    def read_part(self, name: str, first: int, end: int) -> bytes:
        """Return the bytes of a file from *first* up to, but not including, *end*.

        Raises:
            CorruptCheckpoint: The file is missing.
        """
        with _existing(name), self._answering():
            part: bytes = self._files.cat_file(f"{self._root}/{name}", start=first, end=end)
            return part

    def digest(self, name: str) -> str:
        """Return the SHA-256 of a file, in hexadecimal, with little memory.

        This process reads a file once, and again only after its ETag, or on a local disk its inode or its time, has
        changed. Local files take their turns: several downloads at once must not take all cores from other requests.

        Raises:
            CorruptCheckpoint: The file is missing.
        """
        info = self._info(name)
        version = (info["ino"], info["mtime"]) if self._is_local else info.get("ETag")
        read = self._digest_of_version if version else self._read_digest
        with self._hashing if self._is_local else nullcontext():
            return read(name, int(info["size"]), version)

    def _read_digest(self, name: str, size: int, _: object) -> str:
        found = hashlib.sha256()
        for first, end in parts(0, size):
            found.update(self.read_part(name, first, end))
        return found.hexdigest()

    def check(self, name: str, *, sha256: str) -> None:
        """Compare a file with its digest.

        Raises:
            CorruptCheckpoint: The file is missing, or its digest is not *sha256*.
        """
        if self.digest(name) != sha256:
            raise damaged(name)

    def read(self, name: str, *, sha256: str | None = None) -> bytes:
        """Return the bytes of a file.

        Raises:
            CorruptCheckpoint: The file is missing, or its digest is not *sha256*.
        """
        with _existing(name), self._answering():
            data: bytes = self._files.cat_file(f"{self._root}/{name}")
        if sha256 is not None and digest(data) != sha256:
            raise damaged(name)
        return data

    def delete(self, *names: str) -> None:
        """Delete the files with these names, if they exist."""
        for name in names:
            path = f"{self._root}/{name}"
            with self._answering(), contextlib.suppress(FileNotFoundError):
                self._files.rm_file(path)

    def move(self, name: str, to: str) -> None:
        """Give a file another name, if it exists; a name may contain folders."""
        source, target = f"{self._root}/{name}", f"{self._root}/{to}"
        with self._answering(), contextlib.suppress(FileNotFoundError):
            if self._is_local:
                Path(target).parent.mkdir(parents=True, exist_ok=True)
                Path(source).replace(target)
            else:  # an object store has no folders, and renames by copying
                self._files.cp_file(source, target)
                self._files.rm_file(source)

    def names(self, folder: str = "") -> set[str]:
        """Return all names in the store or in a folder of it, those of unfinished writes included."""
        path = f"{self._root}/{folder}".rstrip("/")
        with self._answering():
            self._files.invalidate_cache()
            with self._maybe_empty(is_root=not folder):
                found = {each.rstrip("/").rsplit("/", 1)[-1] for each in self._files.ls(path, detail=False)}
                return found if folder else found - {TRASH, STORE_ID}
        return set()

    def sizes(self, folder: str = "") -> dict[str, int]:
        """Return the size of each file in the store or in a folder of it, in bytes."""
        path = f"{self._root}/{folder}".rstrip("/")
        with self._answering():
            self._files.invalidate_cache()
            with self._maybe_empty(is_root=not folder):
                found = self._files.ls(path, detail=True)
                return {each["name"].rsplit("/", 1)[-1]: each["size"] for each in found if each["type"] == "file"}
        return {}

    def delete_folder(self, folder: str) -> None:
        """Delete a folder with the files in it, if it exists."""
        self.delete(*(f"{folder}/{name}" for name in self.names(folder)))
        if self._is_local:
            with self._answering(), contextlib.suppress(FileNotFoundError):
                Path(self._root, folder).rmdir()

    def _info(self, name: str) -> dict[str, Any]:
        with _existing(name), self._answering():
            info: dict[str, Any] = self._files.info(f"{self._root}/{name}")
            return info

    def ping(self) -> None:
        """Check that the store answers and grants access."""
        with self._answering(), self._maybe_empty():
            self._files.info(self._root)

    @contextmanager
    def _maybe_empty(self, *, is_root: bool = True) -> Iterator[None]:
        """Ignore that a folder is missing: in an object store, an empty folder does not exist."""
        try:
            yield
        except FileNotFoundError as error:
            if (self._is_local and is_root) or code_of(error) == NO_BUCKET:
                raise

    @contextmanager
    def _answering(self) -> Iterator[None]:
        """Translate errors of the store. A missing file is not an error of the store."""
        try:
            yield
        except (ServiceError, ValueError, TypeError):
            raise
        except Exception as error:  # each file system of fsspec has its own errors
            if isinstance(error, FileNotFoundError) and code_of(error) != NO_BUCKET:
                raise
            self.failures += 1
            if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
                raise StorageFull("The checkpoint store has no space left: free some disk space.") from error
            unavailable = Unavailable(message_of(error), retry_after_s=RETRY_AFTER_S)
            self.outages.failed(unavailable)
            raise unavailable from error
        else:
            self.outages.answered()


def parts(first: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the bounds of the parts in which the bytes from *first* up to *end* are read."""
    for start in range(first, end, PART_BYTES):
        yield start, min(start + PART_BYTES, end)


def damaged(name: str) -> CorruptCheckpoint:
    """Return the error of a file whose digest is wrong."""
    return CorruptCheckpoint(f"The stored file {name!r} is damaged: its SHA-256 differs from the recorded one.")


@contextmanager
def _existing(name: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise CorruptCheckpoint(f"The stored file {name!r} is missing.") from error


def digest(data: bytes) -> str:
    """Return the SHA-256 of *data*, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()
