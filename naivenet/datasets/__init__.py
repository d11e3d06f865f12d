"""The datasets: ``naivenet.datasets.load()``, and ``naivenet.datasets.mnist.load_data()`` as in Keras."""

from naivenet.datasets import mnist
from naivenet.storage.datasets import CLASSES, DATASETS, MNIST_SHA256, PIXELS, SIDE, Dataset, load

__all__ = ["CLASSES", "DATASETS", "MNIST_SHA256", "PIXELS", "SIDE", "Dataset", "load", "mnist"]
