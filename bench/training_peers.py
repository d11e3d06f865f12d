"""Who takes part in the training contest, and who of them is the limit."""

from collections.abc import Mapping
from statistics import median

from bench.comparison import Peer, Result

NAIVENET_FIT = "naivenet `fit`"
NAIVENET = "naivenet, once it runs"
NOTEBOOK = "the notebook, eager"
KERAS = "Keras `fit`"
KERAS_TUNED = "Keras `fit`, XLA, 469 steps an execution"
TORCH = "PyTorch, eager"
JAX = "JAX, `scan`"
SKLEARN = "scikit-learn"
NUMPY = "NumPy by hand"
EVALUATION = "naivenet, evaluation of the 10,000 test images"
LIMIT = "the matrix products alone, "

RULES = {"sgd": "SGD", "adam": "Adam"}

_OURS = Peer(label=NAIVENET, module="ours", function="train", package="tensorflow")
_LIMITS = [
    Peer(label=f"{LIMIT}OpenBLAS", module="limits", function="openblas"),
    Peer(label=f"{LIMIT}oneDNN", module="limits", function="onednn", package="tensorflow"),
    Peer(label=f"{LIMIT}MKL", module="limits", function="mkl", package="torch"),
]


def _both_rules(optimizer: str) -> list[Peer]:
    """Those who know more than one rule."""
    return [
        Peer(label=label, module=module, function=function, package=package, optimizer=optimizer)
        for label, module, function, package in [
            (NAIVENET_FIT, "ours", "fit", "tensorflow"),
            (NAIVENET, "ours", "train", "tensorflow"),
            (KERAS, "by_keras", "default", "tensorflow"),
            (KERAS_TUNED, "by_keras", "tuned", "tensorflow"),
            (TORCH, "by_torch", "eager", "torch"),
            (JAX, "by_jax", "scan", "jax"),
            (SKLEARN, "by_sklearn", "classifier", "sklearn"),
        ]
    ]


#: One contest a rule, so that not all processes are in memory at once. Ours with SGD is in both, for their ratio.
HEATS: Mapping[str, list[Peer]] = {
    "SGD": [
        *_LIMITS,
        *_both_rules("sgd"),
        Peer(label=NUMPY, module="by_numpy", function="by_hand"),
        Peer(label=NOTEBOOK, module="notebook", function="eager", package="tensorflow"),
        Peer(label=EVALUATION, module="ours", function="evaluate", package="tensorflow"),
    ],
    "Adam": [*_LIMITS, _OURS, *_both_rules("adam")],
}


def limit_of(results: Mapping[Peer, Result]) -> Peer:
    """The fastest of the limits."""
    limits = [peer for peer in results if peer.label.startswith(LIMIT)]
    return min(limits, key=lambda peer: median(results[peer].epoch_s))


def find(results: Mapping[Peer, Result], label: str, optimizer: str) -> Result | None:
    """The result of one who may not have taken part."""
    return next((each for peer, each in results.items() if (peer.label, peer.optimizer) == (label, optimizer)), None)
