"""A small network with weights, for tests of files."""

import numpy as np

from naivenet import Layer, NaiveSequential, Network

NETWORK = Network(layers=(Layer(units=8, activation="relu"), Layer(units=10, activation="softmax")))
WEIGHTS = [np.random.default_rng(0).random(shape, dtype=np.float32) for shape in NETWORK.shapes(784)]
MODEL = NETWORK.with_weights(WEIGHTS)


def same(model: NaiveSequential, weights: list[np.ndarray] = WEIGHTS) -> bool:
    """Return whether a model has exactly these weights, on NumPy arrays."""
    pairs = zip(model.weights, weights, strict=True)
    return all(isinstance(ours, np.ndarray) and ours.tobytes() == theirs.tobytes() for ours, theirs in pairs)
