"""A network of two layers by hand, in float64 and NumPy alone: the oracle of the tests beside it."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

Array = np.ndarray
#: A hidden activation, and its derivative as a function of the same sums.
ACTIVATIONS: dict[str, tuple[Callable[[Array], Array], Callable[[Array], Array]]] = {
    "relu": (lambda z: np.maximum(z, 0), lambda z: (z > 0).astype(float)),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "sigmoid": (lambda z: 1 / (1 + np.exp(-z)), lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2),
    "elu": (lambda z: np.where(z > 0, z, np.exp(np.minimum(z, 0)) - 1), lambda z: np.exp(np.minimum(z, 0))),
    "softplus": (lambda z: np.log1p(np.exp(z)), lambda z: 1 / (1 + np.exp(-z))),
}


def sgd(
    rate: float, momentum: float = 0.0, *, nesterov: bool = False
) -> Callable[[Array, Array, dict[str, Any]], None]:
    """Return gradient descent: a rule that changes a weight by its gradient, with a memory for each weight."""

    def rule(w: Array, g: Array, memory: dict[str, Any]) -> None:
        v = memory["v"] = momentum * memory.get("v", 0.0) - rate * g
        w += momentum * v - rate * g if nesterov else v

    return rule


def adam(rate: float, b1: float = 0.9, b2: float = 0.999) -> Callable[[Array, Array, dict[str, Any]], None]:
    """Return Adam, by section 2 of its paper."""

    def rule(w: Array, g: Array, memory: dict[str, Any]) -> None:
        t = memory["t"] = memory.get("t", 0) + 1
        m = memory["m"] = b1 * memory.get("m", 0.0) + (1 - b1) * g
        v = memory["v"] = b2 * memory.get("v", 0.0) + (1 - b2) * g * g
        w -= rate * np.sqrt(1 - b2**t) / (1 - b1**t) * m / (np.sqrt(v) + 1e-7)

    return rule


def rmsprop(rate: float, rho: float = 0.9) -> Callable[[Array, Array, dict[str, Any]], None]:
    """Return RMSprop."""

    def rule(w: Array, g: Array, memory: dict[str, Any]) -> None:
        s = memory["s"] = rho * memory.get("s", 0.0) + (1 - rho) * g * g
        w -= rate * g / np.sqrt(s + 1e-7)

    return rule


class NumpyNetwork:
    """A hidden layer and a softmax, trained by *rule*."""

    def __init__(self, weights: list[Any], activation: str = "relu", rule: Any = None) -> None:
        self.weights = [np.array(weight, np.float64) for weight in weights]
        self._activation, self._derivative = ACTIVATIONS[activation]
        self._rule = rule or sgd(0.001)
        self._memory: list[dict[str, Any]] = [{} for _ in weights]

    def probabilities(self, x: Array) -> Array:
        """Return the probability of each class."""
        return self._softmax(self._activation(x @ self.weights[0] + self.weights[1]))

    def step(self, x: Array, labels: Array) -> float:
        """Run forward pass, backward pass and update on one batch; return the loss before the update."""
        W1, b1, W2, _ = self.weights
        sums = x @ W1 + b1
        hidden = self._activation(sums)
        p = self._softmax(hidden)
        clipped = np.clip(p, 1e-7, 1 - 1e-7)
        q = clipped / clipped.sum(axis=1, keepdims=True)
        wanted = np.eye(10)[labels]
        # Backward: through the logarithm of the clipped probabilities, then through the softmax
        d_p = np.where(clipped == p, (q - wanted) / clipped, 0) / len(x)
        d_logits = p * (d_p - (d_p * p).sum(axis=1, keepdims=True))
        d_sums = (d_logits @ W2.T) * self._derivative(sums)
        gradients = [x.T @ d_sums, d_sums.sum(axis=0), hidden.T @ d_logits, d_logits.sum(axis=0)]
        for weight, gradient, memory in zip(self.weights, gradients, self._memory, strict=True):
            self._rule(weight, gradient, memory)
        return float(-np.log((q * wanted).sum(axis=1)).mean())

    def _softmax(self, hidden: Array) -> Array:
        logits = hidden @ self.weights[2] + self.weights[3]
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True))

    def losses(self, x: Array, labels: Array, epochs: int, batch_size: int = 128) -> list[float]:
        """Train, and return the loss of each step."""
        return list(self._steps(x, labels, epochs, batch_size))

    def _steps(self, x: Array, labels: Array, epochs: int, size: int) -> Iterator[float]:
        for _ in range(epochs):
            for start in range(0, len(x), size):
                yield self.step(x[start : start + size].astype(np.float64), labels[start : start + size])
