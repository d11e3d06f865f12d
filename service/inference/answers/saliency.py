"""The saliency map: the pixels that a prediction depends on."""

import numpy as np
from numpy.typing import NDArray

import naivenet
from naivenet.datasets import SIDE
from service.errors import InvalidInput


def saliency(model: naivenet.NaiveSequential, row: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the gradient of the predicted class's output with respect to each pixel.

    Shapes:
        row: (784,), from 0 to 1 -> (28, 28).

    Raises:
        InvalidInput: An activation is a function without a name, so that its derivative is unknown.
    """
    try:
        gradient = naivenet.input_gradient(model, row)
    except naivenet.ParameterError as error:
        raise InvalidInput("This network has an activation without a name; its saliency is not known.") from error
    return np.asarray(gradient, np.float32).reshape(SIDE, SIDE)
