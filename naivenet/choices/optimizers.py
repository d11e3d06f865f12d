"""How the weights follow their gradients: by hand in one line, or by any optimizer of Keras.

Those with a momentum are by hand as well, so that it can change while they train, and Adam, so that it is fast.
An optimizer here is a frozen description, `Adam(learning_rate=0.01)`; its `updater` is what holds state.
"""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, get_args

from annotated_types import Ge, Gt, Le, Lt

from naivenet.backend import keras, tf
from naivenet.choices.parameters import Flag, Number, Parameters, make
from naivenet.engine.updaters.adam import AdamUpdater
from naivenet.engine.updaters.base import KerasUpdater, NaiveUpdater, Updater
from naivenet.engine.updaters.momentum import RMSpropUpdater, SGDUpdater

LearningRate = Annotated[Number, Ge(0), Le(100)]
Decay = Annotated[Number, Ge(0), Lt(1)]
Small = Annotated[Number, Gt(0), Le(1)]
Penalty = Annotated[Number, Ge(0), Le(100)]


def update_weights(gradients: Sequence[Any], weights: Sequence[Any], learning_rate: Any = 0.001) -> None:
    """Move each weight against its gradient: ``w -= g * learning_rate``.

    Shapes:
        gradients: those of *weights*, one for each.
    """
    for g, w in zip(gradients, weights, strict=True):
        # A gradient may come as IndexedSlices, which know no multiplication
        w.assign_sub(tf.convert_to_tensor(g) * learning_rate)


@dataclass(frozen=True, kw_only=True)
class Naive(Parameters):
    """The notebook's rule by hand, ``w -= g * learning_rate``."""

    name: Literal["naive"] = "naive"
    learning_rate: LearningRate = 0.001

    def updater(self, weights: Sequence[Any]) -> Updater:  # noqa: ARG002 -- as the others are called
        """Make what applies this rule."""
        return _shared(NaiveUpdater(update_weights, self.learning_rate), self)


class FromKeras(Parameters):
    """Base of the descriptions whose rule is an optimizer of Keras with the same parameters."""

    keras_name: ClassVar[str]

    def updater(self, weights: Sequence[Any]) -> Updater:
        """Make what applies this rule to *weights*, its slots built."""
        parameters = _parameters(self)
        optimizer = getattr(keras.optimizers, self.keras_name)(**parameters)
        return KerasUpdater(optimizer, weights, parameters["learning_rate"])


class ByHand(Parameters):
    """Base of the descriptions whose rule is ours, as its momentum can change or it is faster so; Keras's numbers."""

    kind: ClassVar[Callable[..., Updater]]

    def updater(self, weights: Sequence[Any]) -> Updater:
        """Make what applies this rule to *weights*, its slots built."""
        return _shared(type(self).kind(weights, **_parameters(self)), self)


@dataclass(frozen=True, kw_only=True)
class SGD(ByHand):
    """Stochastic gradient descent, with momentum where asked for; the learning rate is the notebook's."""

    kind: ClassVar[Callable[..., Updater]] = SGDUpdater
    name: Literal["sgd"] = "sgd"
    learning_rate: LearningRate = 0.001
    momentum: Decay = 0.0
    nesterov: Flag = False


@dataclass(frozen=True, kw_only=True)
class Adam(ByHand):
    """Adam. Kingma and Ba, 2014."""

    kind: ClassVar[Callable[..., Updater]] = AdamUpdater
    name: Literal["adam"] = "adam"
    learning_rate: LearningRate = 0.001
    beta_1: Decay = 0.9
    beta_2: Decay = 0.999
    epsilon: Small = 1e-7
    amsgrad: Flag = False


@dataclass(frozen=True, kw_only=True)
class AdamW(ByHand):
    """Adam with decoupled weight decay. Loshchilov and Hutter, 2017."""

    kind: ClassVar[Callable[..., Updater]] = AdamUpdater
    name: Literal["adamw"] = "adamw"
    learning_rate: LearningRate = 0.001
    weight_decay: Penalty = 0.004
    beta_1: Decay = 0.9
    beta_2: Decay = 0.999
    epsilon: Small = 1e-7
    amsgrad: Flag = False


@dataclass(frozen=True, kw_only=True)
class RMSprop(ByHand):
    """RMSprop. Tieleman and Hinton, 2012."""

    kind: ClassVar[Callable[..., Updater]] = RMSpropUpdater
    name: Literal["rmsprop"] = "rmsprop"
    learning_rate: LearningRate = 0.001
    rho: Decay = 0.9
    momentum: Decay = 0.0
    epsilon: Small = 1e-7
    centered: Flag = False


@dataclass(frozen=True, kw_only=True)
class Adagrad(FromKeras):
    """Adagrad. Duchi et al., 2011."""

    keras_name: ClassVar[str] = "Adagrad"
    name: Literal["adagrad"] = "adagrad"
    learning_rate: LearningRate = 0.001
    initial_accumulator_value: Penalty = 0.1
    epsilon: Small = 1e-7


@dataclass(frozen=True, kw_only=True)
class Adadelta(FromKeras):
    """Adadelta. Zeiler, 2012."""

    keras_name: ClassVar[str] = "Adadelta"
    name: Literal["adadelta"] = "adadelta"
    learning_rate: LearningRate = 0.001
    rho: Decay = 0.95
    epsilon: Small = 1e-7


@dataclass(frozen=True, kw_only=True)
class Adamax(FromKeras):
    """Adam by the infinity norm. Kingma and Ba, 2014."""

    keras_name: ClassVar[str] = "Adamax"
    name: Literal["adamax"] = "adamax"
    learning_rate: LearningRate = 0.001
    beta_1: Decay = 0.9
    beta_2: Decay = 0.999
    epsilon: Small = 1e-7


@dataclass(frozen=True, kw_only=True)
class Nadam(FromKeras):
    """Adam with Nesterov's momentum. Dozat, 2016."""

    keras_name: ClassVar[str] = "Nadam"
    name: Literal["nadam"] = "nadam"
    learning_rate: LearningRate = 0.001
    beta_1: Decay = 0.9
    beta_2: Decay = 0.999
    epsilon: Small = 1e-7


@dataclass(frozen=True, kw_only=True)
class Lion(FromKeras):
    """Lion, which follows the sign of a momentum. Chen et al., 2023."""

    keras_name: ClassVar[str] = "Lion"
    name: Literal["lion"] = "lion"
    learning_rate: LearningRate = 0.001
    beta_1: Annotated[Number, Gt(0), Lt(1)] = 0.9
    beta_2: Annotated[Number, Gt(0), Lt(1)] = 0.99


@dataclass(frozen=True, kw_only=True)
class Ftrl(FromKeras):
    """Follow the regularized leader. McMahan et al., 2013."""

    keras_name: ClassVar[str] = "Ftrl"
    name: Literal["ftrl"] = "ftrl"
    # Its rule divides by the learning rate
    learning_rate: Annotated[Number, Gt(0), Le(100)] = 0.001
    learning_rate_power: Annotated[Number, Ge(-10), Le(0)] = -0.5
    initial_accumulator_value: Penalty = 0.1
    l1_regularization_strength: Penalty = 0.0
    l2_regularization_strength: Penalty = 0.0
    l2_shrinkage_regularization_strength: Penalty = 0.0
    beta: Penalty = 0.0


Optimizer = Naive | SGD | Adam | AdamW | RMSprop | Adagrad | Adadelta | Adamax | Nadam | Lion | Ftrl

OPTIMIZERS: Mapping[str, type[Optimizer]] = {each.name: each for each in get_args(Optimizer)}


def get_optimizer(name: str, **parameters: Any) -> Optimizer:
    """Make the optimizer of that name.

    Raises:
        UnknownName: No such optimizer, or it has no such parameter.
        ParameterError: A parameter is out of its range.
    """
    optimizer: Optimizer = make("optimizer", OPTIMIZERS, name, parameters)
    return optimizer


def _shared(updater: Updater, optimizer: Any) -> Updater:
    """Let *updater* share its compiled program with others of this description, at whatever learning rate."""
    updater.rule = dataclasses.replace(optimizer, learning_rate=0.0)
    return updater


def _parameters(optimizer: Parameters) -> dict[str, Any]:
    fields = dataclasses.fields(optimizer)  # type: ignore[arg-type]  # every subclass is a dataclass
    return {field.name: getattr(optimizer, field.name) for field in fields if field.name != "name"}
