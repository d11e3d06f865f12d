"""Reads the pictures of a kind with one network, and counts what was read right, and what was warned of."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.inference.answers.predictor import Predictor
from service.inference.limits import InputLimits
from service.inference.pictures.images import read_image
from service.inference.pictures.report import PreparedImage
from service.inference.requests.batch import Batch
from tests.pictures.kinds import KINDS

Model = Callable[[NDArray[np.float32]], NDArray[np.float32]]
"""A network: (n, 784) -> (n, 10)."""

CONFIDENT = 0.9


@dataclass(frozen=True, kw_only=True)
class Shares:
    """How the pictures of a kind are read.

    Attributes:
        right: Share read right.
        silent: Share read wrong, without a warning and with a confidence above 0.9.
        warned: Share of those read wrong that are warned of; 1 if none is.
        alarmed: Share of those read right that are warned of.
    """

    right: float
    silent: float
    warned: float
    alarmed: float


def pictures(
    models: Sequence[Model], kind: str, images: NDArray[np.uint8], labels: NDArray[np.uint8], count: int
) -> Iterator[tuple[bytes, int]]:
    """Yield *count* pictures with their labels, of test digits that each network reads right as it is.

    Each digit has a seed of its own, which does not depend on *count*: a smaller sample is the beginning of a larger.

    Shapes:
        images: (n, 28, 28), labels: (n,).
    """
    start = 37 * sorted(KINDS).index(kind)
    taken = 0
    for number in range(start, len(images)):
        if taken == count:
            return
        row = to_rows(images[number : number + 1])
        if any(int(each(row)[0].argmax()) != labels[number] for each in models):
            continue
        taken += 1
        rng = np.random.default_rng([number, start])
        yield KINDS[kind](images[number], int(labels[number]), rng), int(labels[number])


def to_rows(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Shapes: (n, 28, 28) -> (n, 784), from 0 to 1."""
    return pixels.reshape(-1, 784) / np.float32(255)


def shares(prepared: list[PreparedImage], labels: list[int], model: Model) -> Shares:
    """Count how pictures that were prepared are read."""
    found = Predictor(model=model).predict(Batch(prepared, many=True))
    right = np.array([each.digit for each in found], object) == np.array(labels, object)
    warned = np.array([bool(each.doubts or report.warnings) for each, report in zip(found, prepared, strict=True)])
    silent = ~right & ~warned & (np.array([each.confidence for each in found]) > CONFIDENT)
    return Shares(
        right=float(right.mean()),
        silent=float(silent.mean()),
        warned=float(warned[~right].mean()) if not right.all() else 1.0,
        alarmed=float(warned[right].mean()) if right.any() else 0.0,
    )


def read_kind(kind: str, images: NDArray[np.uint8], labels: NDArray[np.uint8], model: Model, count: int) -> Shares:
    """Make, prepare and read *count* pictures of a kind."""
    return read_kind_by([model], kind, images, labels, count)[0]


def read_kind_by(
    models: Sequence[Model], kind: str, images: NDArray[np.uint8], labels: NDArray[np.uint8], count: int
) -> list[Shares]:
    """Make and prepare *count* pictures of a kind, of digits that all models read right as they are, for each model."""
    limits = InputLimits()
    files, truth = zip(*pictures(models, kind, images, labels, count), strict=True)
    prepared = [read_image(file, limits) for file in files]
    return [shares(prepared, list(truth), model) for model in models]
