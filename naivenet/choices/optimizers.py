"""Optimizers as data: name and parameters, ``Adam(learning_rate=0.01)`` or ``Adam(0.01)``.

The learning rate alone may be given by its position, as in Keras. The rules themselves are in
`naivenet.engine.updaters`; its table maps each description to what runs it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, get_args

from annotated_types import Ge, Gt, Le, Lt

from naivenet.choices.parameters import Flag, Number, Parameters, make

LearningRate = Annotated[Number, Ge(0), Le(100)]
Decay = Annotated[Number, Ge(0), Lt(1)]
Small = Annotated[Number, Gt(0), Le(1)]
Penalty = Annotated[Number, Ge(0), Le(100)]


@dataclass(frozen=True, kw_only=True)
class Naive(Parameters):
    """The notebook's rule, ``w -= g * learning_rate``."""

    name: Literal["naive"] = "naive"
    learning_rate: LearningRate = field(default=0.001, kw_only=False)


@dataclass(frozen=True, kw_only=True)
class SGD(Parameters):
    """Stochastic gradient descent, with or without momentum; the default learning rate is the notebook's."""

    name: Literal["sgd"] = "sgd"
    learning_rate: LearningRate = field(default=0.001, kw_only=False)
    momentum: Decay = 0.0
    nesterov: Flag = False


@dataclass(frozen=True, kw_only=True)
class Adam(Parameters):
    """Adam. Kingma and Ba, 2014."""

    name: Literal["adam"] = "adam"
    learning_rate: LearningRate = field(default=0.001, kw_only=False)
    beta_1: Decay = 0.9
    beta_2: Decay = 0.999
    epsilon: Small = 1e-7
    amsgrad: Flag = False


@dataclass(frozen=True, kw_only=True)
class AdamW(Parameters):
    """Adam with decoupled weight decay. Loshchilov and Hutter, 2017."""

    name: Literal["adamw"] = "adamw"
    learning_rate: LearningRate = field(default=0.001, kw_only=False)
    weight_decay: Penalty = 0.004
    beta_1: Decay = 0.9
    beta_2: Decay = 0.999
    epsilon: Small = 1e-7
    amsgrad: Flag = False


@dataclass(frozen=True, kw_only=True)
class RMSprop(Parameters):
    """RMSprop. Tieleman and Hinton, 2012."""

    name: Literal["rmsprop"] = "rmsprop"
    learning_rate: LearningRate = field(default=0.001, kw_only=False)
    rho: Decay = 0.9
    momentum: Decay = 0.0
    epsilon: Small = 1e-7
    centered: Flag = False


@dataclass(frozen=True, kw_only=True)
class Adagrad(Parameters):
    """Adagrad. Duchi et al., 2011."""

    name: Literal["adagrad"] = "adagrad"
    learning_rate: LearningRate = field(default=0.001, kw_only=False)
    initial_accumulator_value: Penalty = 0.1
    epsilon: Small = 1e-7


@dataclass(frozen=True, kw_only=True)
class Adadelta(Parameters):
    """Adadelta. Zeiler, 2012."""

    name: Literal["adadelta"] = "adadelta"
    learning_rate: LearningRate = field(default=0.001, kw_only=False)
    rho: Decay = 0.95
    epsilon: Small = 1e-7


@dataclass(frozen=True, kw_only=True)
class Adamax(Parameters):
    """Adam with the infinity norm. Kingma and Ba, 2014."""

    name: Literal["adamax"] = "adamax"
    learning_rate: LearningRate = field(default=0.001, kw_only=False)
    beta_1: Decay = 0.9
    beta_2: Decay = 0.999
    epsilon: Small = 1e-7


@dataclass(frozen=True, kw_only=True)
class Nadam(Parameters):
    """Adam with Nesterov's momentum. Dozat, 2016."""

    name: Literal["nadam"] = "nadam"
    learning_rate: LearningRate = field(default=0.001, kw_only=False)
    beta_1: Decay = 0.9
    beta_2: Decay = 0.999
    epsilon: Small = 1e-7


@dataclass(frozen=True, kw_only=True)
class Lion(Parameters):
    """Lion: steps of constant size, by the sign of a momentum. Chen et al., 2023."""

    name: Literal["lion"] = "lion"
    learning_rate: LearningRate = field(default=0.001, kw_only=False)
    beta_1: Annotated[Number, Gt(0), Lt(1)] = 0.9
    beta_2: Annotated[Number, Gt(0), Lt(1)] = 0.99


@dataclass(frozen=True, kw_only=True)
class Ftrl(Parameters):
    """Follow the regularized leader. McMahan et al., 2013."""

    name: Literal["ftrl"] = "ftrl"
    # the rule divides by the learning rate
    learning_rate: Annotated[Number, Gt(0), Le(100)] = field(default=0.001, kw_only=False)
    learning_rate_power: Annotated[Number, Ge(-10), Le(0)] = -0.5
    initial_accumulator_value: Penalty = 0.1
    l1_regularization_strength: Penalty = 0.0
    l2_regularization_strength: Penalty = 0.0
    l2_shrinkage_regularization_strength: Penalty = 0.0
    beta: Penalty = 0.0


Optimizer = Naive | SGD | Adam | AdamW | RMSprop | Adagrad | Adadelta | Adamax | Nadam | Lion | Ftrl

OPTIMIZERS: Mapping[str, type[Optimizer]] = {each.name: each for each in get_args(Optimizer)}


def get_optimizer(name: str, **parameters: Any) -> Optimizer:
    """Return the optimizer with the given name and parameters.

    Raises:
        UnknownName: There is no such optimizer, or it has no such parameter.
        ParameterError: A parameter is of the wrong type or out of range.
    """
    optimizer: Optimizer = make("optimizer", OPTIMIZERS, name, parameters)
    return optimizer
