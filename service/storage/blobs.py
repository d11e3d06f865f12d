"""Checkpoint bytes, over fsspec: a folder by default, an object store by URL; written whole, checked when read."""

import contextlib
import errno
import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import fsspec

from service.domain.ids import new_id
from service.errors import CorruptCheckpoint, Misconfigured, ServiceError, StorageFull, Unavailable

#: Names that start so are writes under way, or what a crash left of one.
PARTIAL = ".partial-"

#: What S3 calls it that a bucket is not there.
NO_BUCKET = "NoSuchBucket"

#: How S3 is spoken to, unless options say otherwise. What meets an error of the server, a connection that is refused or
#: breaks, or a store that asks to slow down, is tried four times in all, at growing distances. s3fs would then begin
#: anew four times; once will do, for an answer that broke off in its middle.
S3_CONFIG = {"connect_timeout": 3, "read_timeout": 10, "retries": {"mode": "standard", "total_max_attempts": 4}}
S3_ROUNDS = 2

#: When one whom the store did not answer may come back, in seconds.
RETRY_AFTER_S = 5


class BlobStore:
    """Named byte strings.

    Args:
        url: Of the folder they lie in, as fsspec reads it: a path, ``memory://…``, ``s3://…``.
        options: What fsspec is told beside, such as ``{"endpoint_url": …}``.

    Raises:
        Misconfigured: There is no such bucket, or it refuses us; the text says what to do.
        Unavailable: The store does not answer.
    """

    def __init__(self, url: str, options: Mapping[str, Any] | None = None) -> None:
        self.failures = 0  # calls that the store did not answer
        self._files, root = _file_system(url, options or {})
        self._root = root.rstrip("/")
        protocol = self._files.protocol
        protocols = {protocol} if isinstance(protocol, str) else set(protocol)
        self._is_local = "file" in protocols
        if protocols & {"file", "memory"}:  # an object store has no folders, and makes no bucket for a mistyped name
            self._files.makedirs(self._root, exist_ok=True)
        else:
            with _starting():
                self.ping()

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
            with self._perhaps_empty():
                return {path.rsplit("/", 1)[-1] for path in self._files.ls(self._root, detail=False)}
        return set()

    def ping(self) -> None:
        """Raise unless the store answers, and lets us in."""
        with self._answering(), self._perhaps_empty():
            self._files.info(self._root)

    @contextmanager
    def _perhaps_empty(self) -> Iterator[None]:
        """In an object store a folder with nothing in it is not there, and that is well."""
        try:
            yield
        except FileNotFoundError as error:
            if self._is_local or _code(error) == NO_BUCKET:
                raise

    @contextmanager
    def _answering(self) -> Iterator[None]:
        """Failures of the store by their meaning; that there is no such file is no failure of the store."""
        try:
            yield
        except (ServiceError, ValueError, TypeError):
            raise
        except Exception as error:  # each kind of store has its own
            if isinstance(error, FileNotFoundError) and _code(error) != NO_BUCKET:
                raise
            self.failures += 1
            if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
                raise StorageFull("There is no space left where checkpoints lie.") from error
            raise Unavailable(_remedy(error), retry_after_s=RETRY_AFTER_S) from error


def digest(data: bytes) -> str:
    """SHA-256, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


@contextmanager
def _starting() -> Iterator[None]:
    """At the start, what waiting will not mend is a wrong setting."""
    try:
        yield
    except Unavailable as error:
        if _code(error.__cause__) == NO_BUCKET or _refuses(error.__cause__):
            raise Misconfigured(str(error)) from error
        raise
    except (ValueError, TypeError) as error:
        raise Misconfigured(f"NAIVENET_STORAGE_URL, NAIVENET_STORAGE_OPTIONS: {error}.") from error


def _file_system(url: str, options: Mapping[str, Any]) -> tuple[Any, str]:
    try:
        files, root = fsspec.core.url_to_fs(url, **(_defaults(url) | dict(options)))
    except ImportError as error:
        raise Misconfigured(f"NAIVENET_STORAGE_URL: {error} (for s3://, pip install 'naivenet[s3]').") from error
    except (ValueError, TypeError) as error:
        raise Misconfigured(f"NAIVENET_STORAGE_URL, NAIVENET_STORAGE_OPTIONS: {error}.") from error
    if _is_s3(url):
        files.retries = S3_ROUNDS
    return files, root


def _defaults(url: str) -> dict[str, Any]:
    """No listing is remembered, and S3_CONFIG holds."""
    return {"use_listings_cache": False, "config_kwargs": dict(S3_CONFIG)} if _is_s3(url) else {}


def _is_s3(url: str) -> bool:
    return url.startswith(("s3://", "s3a://"))


def _code(error: BaseException | None) -> str | None:
    """What S3 calls the error, wherever in its chain that is told."""
    while error is not None:
        response = getattr(error, "response", None)
        if isinstance(response, dict):
            code: str | None = response.get("Error", {}).get("Code")
            return code
        error = error.__cause__ or error.__context__
    return None


def _refuses(error: BaseException | None) -> bool:
    return isinstance(error, PermissionError) or "Credentials" in type(error).__name__


def _remedy(error: Exception) -> str:
    """What is wrong, and what to do about it."""
    why = str(error).rstrip(".")
    if _code(error) == NO_BUCKET:
        return f"There is no such bucket: make it, or correct NAIVENET_STORAGE_URL ({why})."
    if _refuses(error):
        return f"The checkpoint store refuses us: give right keys that may list, read, write and delete ({why})."
    return f"The checkpoint store does not answer: {why}."


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
