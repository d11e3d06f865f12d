"""Keeps decompressed arrays in a folder: all processes map the same files, and so share their memory."""

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
    """Return the folder of the cache: ``NAIVENET_CACHE_DIR``, or the platform's folder for caches."""
    return Path(os.environ.get(VARIABLE) or user_cache_dir("naivenet"))


def unpacked(name: str, shapes: Shapes, read: Callable[[], Arrays]) -> Arrays:
    """Map the cached arrays *name*; if they are missing or damaged, *read* them and write them to the cache.

    Several processes may do so at once. If the folder is not writable, the arrays stay in memory.

    Raises:
        DatasetError: Raised by *read*.
    """
    folder = cache_dir() / name
    if (mapped := _mapped(folder, shapes)) is not None:
        return mapped
    arrays = read()
    with suppress(OSError):
        _write(folder, arrays)
    kept = _mapped(folder, shapes)
    return arrays if kept is None else kept


def _mapped(folder: Path, shapes: Shapes) -> Arrays | None:
    """Map the files of *folder*; return None if one is missing, cut off or has another shape or dtype."""
    try:
        arrays = {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in shapes}
    except (OSError, ValueError, EOFError):
        return None
    complete = all(arrays[name].shape == shape and arrays[name].dtype == np.uint8 for name, shape in shapes.items())
    return arrays if complete else None


def _write(folder: Path, arrays: Arrays) -> None:
    """Write each file atomically: first beside *folder*, to the disk, and then by a rename.

    Another process that writes the same file at the same time replaces it by an equal one. A process that has mapped
    the old file keeps its pages.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent, ignore_cleanup_errors=True) as beside:
        for name, array in arrays.items():
            path = Path(beside, f"{name}.npy")
            with path.open("wb") as file:
                np.save(file, array, allow_pickle=False)
                file.flush()
                os.fsync(file.fileno())
            path.replace(folder / path.name)
