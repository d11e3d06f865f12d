"""The datasets: ``naivenet.datasets.load()``, and ``naivenet.datasets.mnist.load_data()`` as in Keras."""

from naivenet.datasets import mnist
from naivenet.storage.datasets import (
    CLASSES,
    DATASETS,
    MNIST_SHA256,
    MNIST_TEST_SET,
    PIXELS,
    SIDE,
    Dataset,
    check,
    digest,
    load,
    read_labels,
    test_set_digest,
)

__all__ = [
    "CLASSES",
    "DATASETS",
    "MNIST_SHA256",
    "MNIST_TEST_SET",
    "PIXELS",
    "SIDE",
    "Dataset",
    "check",
    "digest",
    "load",
    "mnist",
    "read_labels",
    "test_set_digest",
]
