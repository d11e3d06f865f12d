"""Opens zip archives of strangers: the directory is measured before it is read, and nothing is unpacked to the disk."""

import io
import itertools
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import IO

from service.domain.dataset import DatasetLimits
from service.errors import InvalidInput, TooLarge
from service.jobs.datasets.reading.pictures import UploadedFile

#: The errors of zipfile on hostile bytes.
ZIP_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    ValueError,
    NotImplementedError,
    RuntimeError,
    KeyError,
    IndexError,  # an empty name
)

#: How the files in an archive may be compressed. For others zipfile allocates what the archive claims, up to 4 GB, and
#: raises errors of its own.
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})

#: The bytes of the directory that a file in it may take, with a long name; and where the directory's size is written.
_ENTRY_BYTES = 300
_TAIL_BYTES = 70_000
_ELSEWHERE = 0xFFFFFFFF  # the size is in the other place
_SIZES = ((b"PK\x05\x06", 12, "<I"), (b"PK\x06\x06", 40, "<Q"))


@contextmanager
def opened(file: UploadedFile, limits: DatasetLimits) -> Iterator[zipfile.ZipFile]:
    """Open an archive with at most as many files as a dataset has pictures, safe names and usual compression.

    Raises:
        InvalidInput: It is damaged, a name in it leads out of it, or a file in it is compressed in another way.
        TooLarge: It has too many files.
    """
    if _directory_bytes(file.file) > limits.max_samples * _ENTRY_BYTES:
        raise TooLarge(f"The file {file.name[:100]!r} has more than {limits.max_samples:,} files in it.")
    try:
        with zipfile.ZipFile(file.file) as archive:
            _check_members(archive, file, limits)
            yield archive
    except InvalidInput:
        raise
    except ZIP_ERRORS as error:
        raise file.fault(f"the archive is damaged, cut off or encrypted ({error}).") from error


def members(
    archive: zipfile.ZipFile, file: UploadedFile, is_wanted: Callable[[str], bool], *, most: int
) -> list[UploadedFile]:
    """Return the first files of an archive with these names, opened; nothing is decompressed before it is read."""
    wanted = (each for each in archive.infolist() if is_wanted(PurePosixPath(each.filename).name))
    return [
        UploadedFile(name=each.filename, pointer=file.pointer, file=archive.open(each))
        for each in itertools.islice(wanted, most)  # open files take memory
    ]


def content_of(archive: zipfile.ZipFile, member: zipfile.ZipInfo, limit: int) -> bytes:
    """Return the bytes of a file in an archive.

    Raises:
        TooLarge: It has more bytes than the limit, whatever the archive claims.
    """
    with archive.open(member) as opened_member:
        data = opened_member.read(limit + 1)
    if len(data) > limit:
        raise TooLarge(f"The picture {member.filename[:100]!r} has more than the limit of {limit:,} bytes.")
    return data


def _check_members(archive: zipfile.ZipFile, file: UploadedFile, limits: DatasetLimits) -> None:
    if len(archive.infolist()) > 2 * limits.max_samples:
        raise TooLarge(f"The file {file.name[:100]!r} has more than {limits.max_samples:,} files in it.")
    for each in archive.infolist():
        path = PurePosixPath(each.filename)
        if path.is_absolute() or ".." in path.parts or "\\" in each.filename:
            raise file.fault(f"the name {each.filename[:100]!r} in it leads out of the archive.")
        if each.compress_type not in _METHODS:
            raise file.fault(f"{each.filename[:100]!r} in it is compressed in a rare way; use deflate, the usual one.")


def _directory_bytes(file: IO[bytes]) -> int:
    """Return the size that the archive claims for its directory, from which zipfile makes an object for each file."""
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - _TAIL_BYTES))
    tail = file.read()
    file.seek(0)
    found = [(tail[tail.rfind(mark) :], at, form) for mark, at, form in _SIZES if mark in tail]
    sizes = [struct.unpack_from(form, end, at)[0] for end, at, form in found if len(end) >= at + struct.calcsize(form)]
    return max((each for each in sizes if each != _ELSEWHERE), default=0)
