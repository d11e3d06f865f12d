"""Reads and writes files. A file is written whole or not at all."""

import io
import os
import zipfile
from os import PathLike
from pathlib import Path


def write_whole(path: str | PathLike[str], content: bytes, *, name: str = "") -> Path:
    """Write a file beside its place and move it there, and return its path.

    Args:
        path: The file, or a folder in which it gets *name*.
        content: Its bytes.
        name: Its name, if *path* is a folder.
    """
    target = Path(path)
    if name and target.is_dir():
        target /= name
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        part.write_bytes(content)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return target


def form_file(file: str | PathLike[str] | bytes, *, name: str) -> tuple[str, bytes]:
    """Return the name and the bytes of a file for a form: of a path, or of bytes, which get *name*."""
    return (name, file) if isinstance(file, bytes) else (Path(file).name, Path(file).read_bytes())


def form_file_or_folder(file: str | PathLike[str] | bytes, *, name: str) -> tuple[str, bytes]:
    """Return the name and the bytes of a file for a form, as `form_file`; of a folder, a zip of all files in it."""
    if isinstance(file, bytes) or not Path(file).is_dir():
        return form_file(file, name=name)
    folder, archive = Path(file), io.BytesIO()
    with zipfile.ZipFile(archive, "w", strict_timestamps=False) as zipped:  # files from before 1980 get that year
        for each in sorted(folder.rglob("*")):
            if each.is_file():
                zipped.write(each, each.relative_to(folder))
    return f"{folder.name}.zip", archive.getvalue()
