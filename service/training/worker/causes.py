"""Problems whose cause is known: a learning rate of 0, a last layer without softmax, and gradients that vanish."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

import naivenet
from naivenet.backpropagation import loss_gradients
from naivenet.losses import EPSILON
from service.training.worker.diagnostic import Diagnostic, EpochMoment

#: Gradients vanish if those of the first layer are smaller than this share of the last layer's (root mean squares).
#: Networks that learn measured 4e-3 to 3; five and eight layers of sigmoid, which learned nothing, 4e-4 and 6e-6.
VANISHED_SHARE = 1e-3

#: With fewer layers, no gradient passes through several layers of weights.
FEWEST_LAYERS = 3

#: Every nth image of the sample is enough for a gradient, whose cost would grow with them.
EVERY = 4


def zero_learning_rate(moment: EpochMoment) -> Diagnostic:
    """Return the report that the learning rate is 0."""
    return Diagnostic(
        code="zero_learning_rate",
        epoch=moment.epoch,
        step=moment.step,
        evidence={"learning_rate": 0.0},
        message="The learning rate is 0: the weights never move.",
        hint="Train with a learning rate above 0.",
    )


def ends_with_softmax(model: naivenet.NaiveSequential) -> bool:
    """Return whether the activation of the last layer is softmax, or a function without a name."""
    return _activation(model) in {"softmax", None}


def missing_softmax(
    moment: EpochMoment, model: naivenet.NaiveSequential, inputs: NDArray[np.float32]
) -> list[Diagnostic]:
    """Return the report that the outputs are no probabilities; empty if they are.

    Shapes:
        inputs: (sample, input_size).
    """
    if ends_with_softmax(model):
        return []
    activation, outputs = _activation(model), np.asarray(model(inputs))
    clipped = float(np.mean((outputs < EPSILON) | (outputs > 1 - EPSILON)))
    diagnostic = Diagnostic(
        code="missing_softmax",
        layer=len(model.layers) - 1,
        epoch=moment.epoch,
        step=moment.step,
        evidence={"activation": str(activation), "share": clipped, "images": len(inputs)},
        message=f"The last layer's activation is {activation}, not softmax: its outputs are no probabilities. The loss "
        f"clips them to (0, 1), which cuts off {clipped:.0%} of the first ones, and their gradient with them.",
        hint="Give the last layer the activation softmax.",
    )
    return [diagnostic]


def vanishing_gradients(
    moment: EpochMoment, model: naivenet.NaiveSequential, inputs: NDArray[np.float32], labels: NDArray[np.int_]
) -> Diagnostic | None:
    """Return the report that hardly any gradient arrives at the first layer; None if enough does.

    Shapes:
        inputs: (sample, input_size).
        labels: (sample,).
    """
    if len(model.layers) < FEWEST_LAYERS or any(_is_unnamed(layer.activation) for layer in model.layers):
        return None
    gradients = loss_gradients(model.numpy(), inputs[::EVERY], labels[::EVERY])
    first, last = (math.sqrt(float(np.mean(np.square(each)))) for each in (gradients[0], gradients[-1]))
    if not (math.isfinite(first) and math.isfinite(last) and first < VANISHED_SHARE * last):
        return None
    return Diagnostic(
        code="vanishing_gradients",
        layer=0,
        epoch=moment.epoch,
        step=moment.step,
        evidence={"first_gradient": first, "last_gradient": last, "ratio": first / last, "layers": len(gradients)},
        message=f"The gradients of layer 0 are only {first / last:.1e} times as large as those of the last layer: the "
        "first layers hardly learn.",
        hint="Use relu with he_normal in the hidden layers, or fewer layers.",
    )


def _activation(model: naivenet.NaiveSequential) -> str | None:
    return getattr(model.layers[-1].activation, "name", None)


def _is_unnamed(activation: Any) -> bool:
    return not isinstance(activation, naivenet.Activation)
