"""MNIST, and a network trained on it, for the tests of this folder."""

from importlib import resources

import numpy as np
import pytest
from numpy.typing import NDArray

from naivenet import NaiveDense, NaiveSequential
from service.inference.limits import InputLimits

HIDDEN = 128
BATCH = 256
EPOCHS = 2
RATE = 0.002


@pytest.fixture
def limits() -> InputLimits:
    """The default limits."""
    return InputLimits()


@pytest.fixture(scope="session")
def mnist() -> dict[str, NDArray[np.uint8]]:
    """The arrays of MNIST as they ship."""
    with np.load(str(resources.files("naivenet") / "data" / "mnist.npz"), allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


@pytest.fixture(scope="session")
def digit(mnist: dict[str, NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """The first test digit, a seven: (28, 28)."""
    return mnist["x_test"][0]


@pytest.fixture(scope="session")
def model(mnist: dict[str, NDArray[np.uint8]]) -> NaiveSequential:
    """A network with an accuracy of 0.97 and more, trained by hand with Adam (Kingma and Ba, 2015) in a second."""
    images, labels = mnist["x_train"].reshape(-1, 784), mnist["y_train"]
    rng = np.random.default_rng(0)
    W0, W1 = (rng.normal(0, (2 / n) ** 0.5, (n, m)).astype(np.float32) for n, m in ((784, HIDDEN), (HIDDEN, 10)))
    weights = [W0, np.zeros(HIDDEN, np.float32), W1, np.zeros(10, np.float32)]
    means, squares = ([np.zeros_like(weight) for weight in weights] for _ in range(2))
    step = 0
    for epoch in range(EPOCHS):
        for chosen in np.array_split(rng.permutation(len(images)), len(images) // BATCH):
            step += 1
            rate = RATE * 0.5**epoch * (1 - 0.999**step) ** 0.5 / (1 - 0.9**step)
            gradients = _gradients(weights, images[chosen] / np.float32(255), labels[chosen])
            for number, gradient in enumerate(gradients):
                means[number] += 0.1 * (gradient - means[number])
                squares[number] += 0.001 * (gradient**2 - squares[number])
                weights[number] -= rate * means[number] / (np.sqrt(squares[number]) + 1e-7)
    pairs = zip(weights[::2], weights[1::2], ("relu", "softmax"), strict=True)
    return NaiveSequential(NaiveDense.from_weights(W, b, activation) for W, b, activation in pairs)


def _gradients(
    weights: list[NDArray[np.float32]], x: NDArray[np.float32], labels: NDArray[np.uint8]
) -> list[NDArray[np.float32]]:
    W0, b0, W1, b1 = weights
    hidden = np.maximum(x @ W0 + b0, 0)
    logits = hidden @ W1 + b1
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    error = powers / powers.sum(axis=1, keepdims=True)
    error[np.arange(len(x)), labels] -= 1
    error /= len(x)
    back = (error @ W1.T) * (hidden > 0)
    return [x.T @ back, back.sum(axis=0), hidden.T @ error, error.sum(axis=0)]
