"""Keeps arrays unpacked in a folder: they are decompressed once, and all processes share their pages."""

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray
from platformdirs import user_cache_dir

Arrays = Mapping[str, NDArray[Any]]
Shapes = Mapping[str, tuple[int, ...]]

VARIABLE = "NAIVENET_CACHE_DIR"


def cache_dir() -> Path:
    """Folder of the cache: what ``NAIVENET_CACHE_DIR`` says, or the platform's place for such."""
    return Path(os.environ.get(VARIABLE) or user_cache_dir("naivenet"))


def unpacked(name: str, shapes: Shapes, read: Callable[[], Arrays]) -> Arrays:
    """Map the bytes kept under *name*; where they are not there whole, *read* them and keep them.

    Two processes may do so at once. Where the folder cannot be written, the arrays stay in memory.

    Raises:
        DatasetError: *read* did.
    """
    folder = cache_dir() / name
    if (mapped := _mapped(folder, shapes)) is not None:
        return mapped
    arrays = read()
    with suppress(OSError):
        _replace(folder, arrays)
    kept = _mapped(folder, shapes)
    return arrays if kept is None else kept


def _mapped(folder: Path, shapes: Shapes) -> Arrays | None:
    """Map the files of *folder*, or None where one is missing, cut off or not what it should be."""
    try:
        arrays = {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in shapes}
    except (OSError, ValueError, EOFError):
        return None
    whole = all(arrays[name].shape == shape and arrays[name].dtype == np.uint8 for name, shape in shapes.items())
    return arrays if whole else None


def _replace(folder: Path, arrays: Arrays) -> None:
    """Write *arrays* beside *folder*, whole and on the disk, and move them in file by file.

    A name that once leads to a whole file does so from then on: another process that does the same
    puts its equal in the place, and whoever has mapped the former one keeps its pages.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent, ignore_cleanup_errors=True) as beside:
        for name, array in arrays.items():
            written = Path(beside, f"{name}.npy")
            _write(written, array)
            written.replace(folder / written.name)


def _write(path: Path, array: NDArray[Any]) -> None:
    with path.open("wb") as file:
        np.save(file, array, allow_pickle=False)
        file.flush()
        os.fsync(file.fileno())
