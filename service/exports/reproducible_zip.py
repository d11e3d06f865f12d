"""Zip files without times, so that the same content gives the same bytes."""

import io
import zipfile
from collections.abc import Iterable

#: The earliest time that a zip file can name.
_EARLIEST_TIME = (1980, 1, 1, 0, 0, 0)


def zipped(files: Iterable[tuple[str, bytes]]) -> bytes:
    """Return a zip file of these names and contents: the same files give the same bytes at any time."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in sorted(files):
            archive.writestr(zipfile.ZipInfo(name, _EARLIEST_TIME), data)
    return stream.getvalue()
