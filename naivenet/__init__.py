"""A neural network from scratch: layers, loss, optimizers and training that can be read in one sitting.

Importing this package, loading a checkpoint and predicting on NumPy arrays import no TensorFlow.
"""

from naivenet import datasets
from naivenet.batches import BatchGenerator, count_batches, epoch_order
from naivenet.choices.activations import Activation, ActivationName, get_activation
from naivenet.choices.initializers import INITIALIZERS, Initializer, get_initializer
from naivenet.choices.optimizers import OPTIMIZERS, Optimizer, get_optimizer, update_weights
from naivenet.choices.parameters import ParameterDescription, describe
from naivenet.choices.schedules import SCHEDULES, Horizon, Schedule, get_schedule
from naivenet.engine.events import EpochEnd, History, Position, Steps
from naivenet.engine.graph import Execution, fitting_execution
from naivenet.engine.updaters.base import Updater
from naivenet.errors import (
    CheckpointError,
    DatasetError,
    NaivenetError,
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
from naivenet.layers import NaiveDense, NaiveSequential
from naivenet.losses import sparse_categorical_crossentropy
from naivenet.network import NOTEBOOK_NETWORK, Layer, Network
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
from naivenet.training import Training, fit, one_training_step, train

__all__ = [
    "INITIALIZERS",
    "NOTEBOOK_NETWORK",
    "OPTIMIZERS",
    "SCHEDULES",
    "Activation",
    "ActivationName",
    "BatchGenerator",
    "CheckpointError",
    "DatasetError",
    "EpochEnd",
    "Evaluation",
    "Execution",
    "History",
    "Horizon",
    "Initializer",
    "Layer",
    "NaiveDense",
    "NaiveSequential",
    "NaivenetError",
    "Network",
    "Optimizer",
    "ParameterDescription",
    "ParameterError",
    "Position",
    "Schedule",
    "ShapeError",
    "Steps",
    "Training",
    "UnknownName",
    "Updater",
    "accuracy",
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
    "load_weights",
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
