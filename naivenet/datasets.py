"""The public address of the datasets: ``naivenet.datasets.load()``."""

from naivenet.storage.datasets import CLASSES, DATASETS, MNIST_SHA256, PIXELS, SIDE, Dataset, load

__all__ = ["CLASSES", "DATASETS", "MNIST_SHA256", "PIXELS", "SIDE", "Dataset", "load"]
