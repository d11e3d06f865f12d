"""Opens the file system behind the checkpoint store with fsspec, and says in words what its errors mean."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import fsspec

from service.errors import Misconfigured, Unavailable

#: S3's code for a missing bucket.
NO_BUCKET = "NoSuchBucket"

#: The default options of the S3 client. After an error of the server, a refused or broken connection, or a request to
#: slow down, it makes up to four attempts with exponential backoff. s3fs would then repeat all of that four times; two
#: rounds are enough for a response that breaks off in the middle.
S3_CONFIG = {"connect_timeout": 3, "read_timeout": 10, "retries": {"mode": "standard", "total_max_attempts": 4}}
S3_ROUNDS = 2


@contextmanager
def refusing_wrong_settings() -> Iterator[None]:
    """Raise errors that waiting cannot fix as wrong settings."""
    try:
        yield
    except Unavailable as error:
        if code_of(error.__cause__) == NO_BUCKET or _denies_access(error.__cause__):
            raise Misconfigured(str(error)) from error
        raise
    except (ValueError, TypeError) as error:
        raise Misconfigured(f"NAIVENET_STORAGE_URL or NAIVENET_STORAGE_OPTIONS is wrong: {error}.") from error


def open_file_system(url: str, options: Mapping[str, Any]) -> tuple[Any, str]:
    """Return fsspec's file system for a URL, and the folder in it.

    Raises:
        Misconfigured: The URL or an option is wrong, or a package is missing.
    """
    try:
        files, root = fsspec.core.url_to_fs(url, **(_defaults(url) | dict(options)))
    except ImportError as error:
        raise Misconfigured(
            f"NAIVENET_STORAGE_URL needs a package that is not installed: {error} "
            "(for s3://, run pip install 'naivenet[s3]')."
        ) from error
    except (ValueError, TypeError) as error:
        raise Misconfigured(f"NAIVENET_STORAGE_URL or NAIVENET_STORAGE_OPTIONS is wrong: {error}.") from error
    if _is_s3(url):
        files.retries = S3_ROUNDS
    return files, root


def _defaults(url: str) -> dict[str, Any]:
    """Return the default options for a URL. Listings are not cached, as other processes write too."""
    return {"use_listings_cache": False, "config_kwargs": dict(S3_CONFIG)} if _is_s3(url) else {}


def _is_s3(url: str) -> bool:
    return url.startswith(("s3://", "s3a://"))


def code_of(error: BaseException | None) -> str | None:
    """Return S3's code of an error, from anywhere in its chain of causes."""
    while error is not None:
        response = getattr(error, "response", None)
        if isinstance(response, dict):
            code: str | None = response.get("Error", {}).get("Code")
            return code
        error = error.__cause__ or error.__context__
    return None


def _denies_access(error: BaseException | None) -> bool:
    return isinstance(error, PermissionError) or "Credentials" in type(error).__name__


def message_of(error: Exception) -> str:
    """Return a message that says what is wrong and what to do."""
    why = str(error).rstrip(".")
    if code_of(error) == NO_BUCKET:
        return f"The checkpoint store has no such bucket: create it, or correct NAIVENET_STORAGE_URL ({why})."
    if _denies_access(error):
        return f"The checkpoint store denies access: use keys with the right to list, read, write and delete ({why})."
    return f"The checkpoint store does not answer: {why}."
