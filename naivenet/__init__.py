"""A neural network from scratch: layers, loss, optimizers and training that can be read in one sitting.

Read these four files first, in this order. They are the whole network:

1. ``layers.py``: a dense layer, and layers in order.
2. ``losses.py``: the cross-entropy.
3. ``batches.py``: the batches of an epoch.
4. ``training.py``: one training step, and the loop over epochs and batches.

Then, as you need them: ``evaluation.py`` (accuracy, confusion matrix), ``backpropagation.py`` (the chain rule by hand),
``network.py`` (the description of a network) and, behind them, three folders:

- ``choices/``: what has a name: activations, initializers, optimizers, schedules. They are data.
- ``engine/``: the loop of ``training.py`` again, compiled to a TensorFlow graph, and the updaters that run optimizers.
- ``storage/``: checkpoints and datasets in files.

Layers, models, optimizers and update functions may be your own: ``choices/own_layers.py`` says what a layer needs.

Importing this package, loading a checkpoint and predicting on NumPy arrays do not import TensorFlow.
"""

from naivenet import datasets
from naivenet.backpropagation import input_gradient
from naivenet.batches import BatchGenerator, count_batches
from naivenet.choices.activations import Activation, ActivationName, get_activation
from naivenet.choices.augmentation import Augmentation
from naivenet.choices.initializers import (
    INITIALIZERS,
    Constant,
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    Initializer,
    Ones,
    Orthogonal,
    RandomNormal,
    RandomUniform,
    TruncatedNormal,
    Zeros,
    get_initializer,
)
from naivenet.choices.optimizers import (
    OPTIMIZERS,
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
    get_optimizer,
)
from naivenet.choices.parameters import ParameterDescription, describe
from naivenet.choices.schedules import (
    SCHEDULES,
    ConstantRate,
    CosineDecay,
    ExponentialDecay,
    Horizon,
    RunLength,
    Schedule,
    StepDecay,
    get_schedule,
)
from naivenet.engine.events import EpochEnd, Position, SetMetrics, Steps
from naivenet.engine.graph import Execution, fitting_execution
from naivenet.engine.order import MixPart, epoch_order, mixed_order
from naivenet.engine.training import RunOptions, Training
from naivenet.engine.updaters.base import Updater
from naivenet.engine.updaters.table import make_updater
from naivenet.errors import (
    CheckpointError,
    DatasetError,
    MissingPart,
    NaivenetError,
    NaivenetWarning,
    ParameterError,
    ShapeError,
    UnknownName,
)
from naivenet.evaluation import (
    Evaluation,
    accuracy,
    confusion_matrix,
    evaluate,
    per_class_accuracy,
    predict,
    predicted_labels,
)
from naivenet.history import History
from naivenet.layers import NaiveDense, NaiveSequential
from naivenet.losses import sparse_categorical_crossentropy
from naivenet.network import NOTEBOOK_NETWORK, Layer, Network
from naivenet.precision import Precision
from naivenet.processor import computes_bfloat16
from naivenet.storage.checkpoint import (
    from_npz,
    from_safetensors,
    from_state,
    load_weights,
    read_metadata,
    read_weights,
    to_npz,
    to_safetensors,
    to_state,
)
from naivenet.training import fit, one_training_step, train, update_weights

__all__ = [
    "INITIALIZERS",
    "NOTEBOOK_NETWORK",
    "OPTIMIZERS",
    "SCHEDULES",
    "SGD",
    "Activation",
    "ActivationName",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "Augmentation",
    "BatchGenerator",
    "CheckpointError",
    "Constant",
    "ConstantRate",
    "CosineDecay",
    "DatasetError",
    "EpochEnd",
    "Evaluation",
    "Execution",
    "ExponentialDecay",
    "Ftrl",
    "GlorotNormal",
    "GlorotUniform",
    "HeNormal",
    "HeUniform",
    "History",
    "Horizon",
    "Initializer",
    "Layer",
    "Lion",
    "MissingPart",
    "MixPart",
    "Nadam",
    "Naive",
    "NaiveDense",
    "NaiveSequential",
    "NaivenetError",
    "NaivenetWarning",
    "Network",
    "Ones",
    "Optimizer",
    "Orthogonal",
    "ParameterDescription",
    "ParameterError",
    "Position",
    "Precision",
    "RMSprop",
    "RandomNormal",
    "RandomUniform",
    "RunLength",
    "RunOptions",
    "Schedule",
    "SetMetrics",
    "ShapeError",
    "StepDecay",
    "Steps",
    "Training",
    "TruncatedNormal",
    "UnknownName",
    "Updater",
    "Zeros",
    "accuracy",
    "computes_bfloat16",
    "confusion_matrix",
    "count_batches",
    "datasets",
    "describe",
    "epoch_order",
    "evaluate",
    "fit",
    "fitting_execution",
    "from_npz",
    "from_safetensors",
    "from_state",
    "get_activation",
    "get_initializer",
    "get_optimizer",
    "get_schedule",
    "input_gradient",
    "load_weights",
    "make_updater",
    "mixed_order",
    "one_training_step",
    "per_class_accuracy",
    "predict",
    "predicted_labels",
    "read_metadata",
    "read_weights",
    "sparse_categorical_crossentropy",
    "to_npz",
    "to_safetensors",
    "to_state",
    "train",
    "update_weights",
]
