"""Lists, finds and loads the datasets in files: MNIST, and every file in the operator's folder."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import naivenet
from service.domain.dataset import Labels
from service.domain.field_messages import HINTS, with_hints
from service.domain.suggestions import did_you_mean
from service.errors import InvalidInput, Unavailable

#: Errors of a file system that is away for a while: a device, or the server of a network share, does not answer.
AWAY = frozenset({errno.EIO, errno.ESTALE, errno.ETIMEDOUT, errno.EHOSTDOWN, errno.EHOSTUNREACH, errno.ENOTCONN})

#: When the dataset may be read again, in seconds.
RETRY_AFTER_S = 5

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
        raise unknown(name, names)
    if name == BUILT_IN:
        return BUILT_IN
    file = folder / f"{name}.npz"
    return file if file.is_file() else folder / name


def load(folder: Path, name: str) -> naivenet.datasets.Dataset:
    """Load the dataset *name*.

    Raises:
        InvalidInput: There is no such dataset.
        DatasetError: Its file is damaged or has the wrong form.
        Unavailable: The file system does not answer, as when a network share is away.
    """
    with _unavailable(name):
        return naivenet.datasets.load(locate(folder, name))


def labels(folder: Path, name: str, *, pointer: str = "/dataset") -> tuple[Labels, Labels]:
    """Return the labels of the training and the test pictures of the dataset *name*, without reading the pictures.

    Raises:
        InvalidInput: There is no such dataset, or it is faulty; the message names the array and the first wrong label.
        Unavailable: As for `load`.
    """
    place = locate(folder, name)
    try:
        with _unavailable(name):
            return naivenet.datasets.read_labels(place)
    except naivenet.DatasetError as error:
        fault = str(error).replace(str(place), name)
        message = f"The dataset is faulty: {fault}."
        raise InvalidInput.at(pointer, message, "faulty_dataset", fault=fault) from error


def unknown(name: str, names: list[str], pointer: str = "/dataset") -> InvalidInput:
    """Return the error for a dataset that does not exist; the message lists the *names* to choose from."""
    there, hint = ", ".join(names), did_you_mean(name, names)
    message = with_hints(f"There is no dataset {name!r}; choose one of: {there}.", HINTS, hint)
    return InvalidInput.at(pointer, message, "no_such_dataset", there=there, **hint)


@contextmanager
def _unavailable(name: str) -> Iterator[None]:
    """Turn the error of a file system that is away for a while into `Unavailable`."""
    try:
        yield
    except (OSError, naivenet.DatasetError) as error:
        cause: BaseException | None = error
        while cause and not isinstance(cause, OSError):
            cause = cause.__context__
        if isinstance(cause, OSError) and cause.errno in AWAY:
            raise Unavailable(
                f"The dataset {name!r} cannot be read now: {cause}.", retry_after_s=RETRY_AFTER_S
            ) from error
        raise
