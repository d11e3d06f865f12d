"""NumPy, with the derivatives by hand."""

from typing import Any

import numpy as np

from bench.peers import BATCH, RATES, Run, images_as_floats, initial_weights


def by_hand(optimizer: str) -> Run:
    """Run the forward pass, the backward pass, and the update."""
    images, labels = images_as_floats()
    weights = initial_weights()
    rate = np.float32(RATES[optimizer])

    def train(epochs: int) -> float:
        for _ in range(epochs):
            for start in range(0, len(images), BATCH):
                loss = _step(weights, images[start : start + BATCH], labels[start : start + BATCH], rate)
        return loss

    return Run(first_loss=lambda: _step(weights, images[:BATCH], labels[:BATCH], rate), train=train)


def _step(weights: list[Any], X: Any, labels: Any, rate: np.float32) -> float:
    W1, b1, W2, b2 = weights
    samples = np.arange(len(X))
    H = np.maximum(X @ W1 + b1, 0)
    Z = H @ W2 + b2
    P = np.exp(Z - Z.max(axis=1, keepdims=True))
    P /= P.sum(axis=1, keepdims=True)
    loss = -np.log(P[samples, labels]).mean()
    P[samples, labels] -= 1
    dZ2 = P / np.float32(len(X))
    dZ1 = (dZ2 @ W2.T) * (H > 0)
    W1 -= X.T @ dZ1 * rate
    b1 -= dZ1.sum(axis=0) * rate
    W2 -= H.T @ dZ2 * rate
    b2 -= dZ2.sum(axis=0) * rate
    return float(loss)
