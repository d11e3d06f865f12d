"""Which datasets a job can name: MNIST, and every file that the operator put into the datasets folder."""

from pathlib import Path

from service.errors import InvalidInput

#: The dataset that ships with naivenet.
BUILT_IN = "mnist"


def available(folder: Path) -> list[str]:
    """The names a job may give: MNIST, each ``NAME.npz``, and each folder ``NAME`` of IDX files."""
    found = (
        {path.stem for path in folder.iterdir() if path.suffix == ".npz" or path.is_dir()} if folder.is_dir() else set()
    )
    return [BUILT_IN, *sorted(found - {BUILT_IN})]


def locate(folder: Path, name: str) -> str | Path:
    """What naivenet loads the dataset *name* by.

    Raises:
        InvalidInput: There is none of that name; the text lists those that there are.
    """
    names = available(folder)
    if name not in names:
        there = ", ".join(names)
        message = f"There is no dataset {name!r}; there are: {there}."
        raise InvalidInput.at("/dataset", message, "no_such_dataset", there=there)
    if name == BUILT_IN:
        return BUILT_IN
    file = folder / f"{name}.npz"
    return file if file.is_file() else folder / name
