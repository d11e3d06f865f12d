"""Lists, finds and loads datasets: MNIST, and every file that the operator puts into the datasets folder."""

from pathlib import Path

import naivenet
from service.errors import InvalidInput

#: The dataset that ships with naivenet.
BUILT_IN = "mnist"


def available(folder: Path) -> list[str]:
    """Return the names of all datasets: MNIST, each ``NAME.npz``, and each folder ``NAME`` of IDX files."""
    found = (
        {path.stem for path in folder.iterdir() if path.suffix == ".npz" or path.is_dir()} if folder.is_dir() else set()
    )
    return [BUILT_IN, *sorted(found - {BUILT_IN})]


def locate(folder: Path, name: str) -> str | Path:
    """Return what `naivenet.datasets.load` takes for the dataset *name*: a built-in name or a path.

    Raises:
        InvalidInput: There is no such dataset; the message lists the available ones.
    """
    names = available(folder)
    if name not in names:
        there = ", ".join(names)
        message = f"There is no dataset {name!r}; choose one of: {there}."
        raise InvalidInput.at("/dataset", message, "no_such_dataset", there=there)
    if name == BUILT_IN:
        return BUILT_IN
    file = folder / f"{name}.npz"
    return file if file.is_file() else folder / name


def load(folder: Path, name: str) -> naivenet.datasets.Dataset:
    """Load the dataset *name*.

    Raises:
        InvalidInput: There is no such dataset.
        DatasetError: Its file is damaged or has the wrong form.
    """
    return naivenet.datasets.load(locate(folder, name))
