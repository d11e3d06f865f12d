"""The peers that `bench.training` compares, and the matrix products alone as the limit."""

from collections.abc import Mapping
from statistics import median

from bench.comparison import Peer, Timings

NAIVENET_FIT = "naivenet `fit`"
NAIVENET = "naivenet, once it runs"
NOTEBOOK = "the notebook, eager"
KERAS = "Keras `fit`"
KERAS_TUNED = "Keras `fit`, XLA, 469 steps an execution"
TORCH = "PyTorch, eager"
JAX = "JAX, `scan`"
NAIVENET_BFLOAT16 = "naivenet, once it runs, bfloat16"
KERAS_BFLOAT16 = "Keras `fit`, mixed_bfloat16, 469 steps an execution"
JAX_BFLOAT16 = "JAX, `scan`, bfloat16"
SKLEARN = "scikit-learn"
NUMPY = "NumPy by hand"
EVALUATION = "naivenet, evaluation of the 10,000 test images"
LIMIT = "the matrix products alone, "

OPTIMIZER_NAMES = {"sgd": "SGD", "adam": "Adam"}

_OURS = Peer(label=NAIVENET, module="ours", function="train", package="tensorflow")
_LIMITS = [
    Peer(label=f"{LIMIT}OpenBLAS", module="limits", function="openblas"),
    Peer(label=f"{LIMIT}oneDNN", module="limits", function="onednn", package="tensorflow"),
    Peer(label=f"{LIMIT}MKL", module="limits", function="mkl", package="torch"),
]


def _with_both_optimizers(optimizer: str) -> list[Peer]:
    """Return the peers that can train with both optimizers."""
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


#: One comparison for each optimizer, so that not all processes are in memory at once. Both have ours with SGD, for
#: the ratio of the two.
COMPARISONS: Mapping[str, list[Peer]] = {
    "SGD": [
        *_LIMITS,
        *_with_both_optimizers("sgd"),
        Peer(label=NUMPY, module="by_numpy", function="by_hand"),
        Peer(label=NOTEBOOK, module="notebook", function="eager", package="tensorflow"),
        Peer(label=EVALUATION, module="ours", function="evaluate", package="tensorflow"),
    ],
    "Adam": [*_LIMITS, _OURS, *_with_both_optimizers("adam")],
}

#: Products in bfloat16, beside those in float32; compared where the processor has instructions for it.
BFLOAT16: list[Peer] = [
    *_LIMITS,
    _OURS,
    Peer(label=NAIVENET_BFLOAT16, module="ours", function="train_bfloat16", package="tensorflow"),
    Peer(label=KERAS_BFLOAT16, module="by_keras", function="bfloat16", package="tensorflow"),
    Peer(label=JAX, module="by_jax", function="scan", package="jax"),
    Peer(label=JAX_BFLOAT16, module="by_jax", function="scan_bfloat16", package="jax"),
]


def limit_of(results: Mapping[Peer, Timings]) -> Peer:
    """Return the fastest of the limits."""
    limits = [peer for peer in results if peer.label.startswith(LIMIT)]
    return min(limits, key=lambda peer: median(results[peer].epoch_s))


def find(results: Mapping[Peer, Timings], label: str, optimizer: str) -> Timings | None:
    """Return the timings of a peer; None if it was skipped."""
    return next((each for peer, each in results.items() if (peer.label, peer.optimizer) == (label, optimizer)), None)
