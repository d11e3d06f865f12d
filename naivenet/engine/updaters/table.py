"""The table that maps each optimizer's description to the updater that runs it."""

from collections.abc import Mapping, Sequence

import numpy as np

from naivenet.backend import Tensor
from naivenet.choices.optimizers import (
    SGD,
    Adadelta,
    Adagrad,
    Adam,
    Adamax,
    AdamW,
    Ftrl,
    Lion,
    Nadam,
    Naive,
    Optimizer,
    RMSprop,
)
from naivenet.engine.updaters.adam import AdamUpdater
from naivenet.engine.updaters.base import Updater
from naivenet.engine.updaters.from_keras import KerasUpdater
from naivenet.engine.updaters.rmsprop import RMSpropUpdater
from naivenet.engine.updaters.sgd import NaiveUpdater, SGDUpdater
from naivenet.errors import ParameterError

#: An updater of ours, or the name of the class in ``keras.optimizers``.
UPDATERS: Mapping[type[Optimizer], type[Updater] | str] = {
    Naive: NaiveUpdater,
    SGD: SGDUpdater,
    Adam: AdamUpdater,
    AdamW: AdamUpdater,
    RMSprop: RMSpropUpdater,
    Adagrad: "Adagrad",
    Adadelta: "Adadelta",
    Adamax: "Adamax",
    Nadam: "Nadam",
    Lion: "Lion",
    Ftrl: "Ftrl",
}


def make_updater(optimizer: Optimizer, weights: Sequence[Tensor]) -> Updater:
    """Make the updater that runs *optimizer* on *weights*, with its slots as before the first step.

    Raises:
        ParameterError: A weight is a NumPy array.
    """
    if any(isinstance(weight, np.ndarray) for weight in weights):
        raise ParameterError("a network on NumPy arrays cannot be trained; build it on TensorFlow variables")
    updater = UPDATERS[type(optimizer)]
    if isinstance(updater, str):
        return KerasUpdater(optimizer, updater, weights)
    return updater(optimizer, updater.new_state(optimizer, weights))
