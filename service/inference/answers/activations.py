"""The outputs of each layer for one picture."""

import numpy as np
from numpy.typing import NDArray

import naivenet
from service.inference.answers.significant import significant


def activations(model: naivenet.NaiveSequential, row: NDArray[np.float32]) -> list[list[float]]:
    """Return what each layer returns for a picture, with four significant digits.

    Shapes:
        row: (784,), from 0 to 1 -> one list for each layer, with one number for each unit.
    """
    outputs, found = row[np.newaxis], []
    for layer in model.layers:
        outputs = np.asarray(layer(outputs))
        found.append(significant(outputs[0]).tolist())
    return found
