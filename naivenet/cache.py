"""Keeps arrays unpacked in a folder: they are decompressed once, and all processes share their pages."""

import os
import secrets
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
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
    """Write *arrays* beside *folder*, whole and on the disk, and only then give them its name."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    written = _beside(folder)
    try:
        written.mkdir()
        for name, array in arrays.items():
            _write(written / f"{name}.npy", array)
        _swap(written, folder)
    finally:
        shutil.rmtree(written, ignore_errors=True)


def _swap(written: Path, folder: Path) -> None:
    """Give *written* the name of *folder*, first moving what is damaged out of the way."""
    with suppress(FileNotFoundError):
        damaged = _beside(folder)
        folder.rename(damaged)
        shutil.rmtree(damaged, ignore_errors=True)
    # Another process may have been quicker: its folder is as good, and the rename fails
    with suppress(OSError):
        written.rename(folder)


def _write(path: Path, array: NDArray[Any]) -> None:
    with path.open("wb") as file:
        np.save(file, array, allow_pickle=False)
        file.flush()
        os.fsync(file.fileno())


def _beside(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}-{secrets.token_hex(8)}")
