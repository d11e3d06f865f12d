"""The limit: nothing but the matrix products of an epoch, X@W1, H@W2, dZ2@W2ᵀ, Hᵀ@dZ2 and Xᵀ@dZ1."""

import importlib
from typing import Any

import numpy as np

from bench.peers import BATCH, CLASSES, Run, images_as_floats, initial_weights


def openblas(optimizer: str) -> Run:  # noqa: ARG001 -- the signature of all peers
    """Use OpenBLAS, which NumPy calls, and write into existing arrays."""
    images, _ = images_as_floats()
    W1, _, W2, _ = initial_weights()
    dZ2 = np.random.default_rng(1).uniform(-1, 1, (BATCH, CLASSES)).astype(np.float32)
    H, Z, dW1, dW2 = images[:BATCH] @ W1, dZ2.copy(), np.empty_like(W1), np.empty_like(W2)
    dZ1 = np.empty_like(H)

    def step(X: Any) -> None:
        n = len(X)
        np.matmul(X, W1, out=H[:n])
        np.matmul(H[:n], W2, out=Z[:n])
        np.matmul(dZ2[:n], W2.T, out=dZ1[:n])
        np.matmul(H[:n].T, dZ2[:n], out=dW2)
        np.matmul(X.T, dZ1[:n], out=dW1)

    return _steps(images, step)


def onednn(optimizer: str) -> Run:  # noqa: ARG001 -- the signature of all peers
    """Use oneDNN, which TensorFlow calls, in one graph."""
    tf = importlib.import_module("tensorflow")
    images, _ = images_as_floats()
    W1, _, W2, _ = (tf.constant(weight) for weight in initial_weights())
    dZ2 = tf.random.stateless_uniform((BATCH, CLASSES), (1, 2))
    whole = tf.constant(images[: len(images) // BATCH * BATCH].reshape(-1, BATCH, images.shape[1]))
    last = tf.constant(images[len(images) // BATCH * BATCH :])

    def step(X: Any, dZ2: Any) -> Any:
        H = X @ W1
        dZ1 = tf.matmul(dZ2, W2, transpose_b=True)
        results = H @ W2, tf.matmul(H, dZ2, transpose_a=True), tf.matmul(X, dZ1, transpose_a=True)
        return tf.add_n([result[0, 0] for result in results])  # so that none is optimized away

    def epoch() -> Any:
        sequential = {"fn_output_signature": tf.float32, "parallel_iterations": 1}
        return tf.map_fn(lambda X: step(X, dZ2), whole, **sequential)[-1] + step(last, dZ2[: len(last)])

    compiled = tf.function(epoch, autograph=False)

    def train(epochs: int = 1) -> None:
        for _ in range(epochs):
            compiled().numpy()

    return Run(first_loss=train, train=train)


def mkl(optimizer: str) -> Run:  # noqa: ARG001 -- the signature of all peers
    """Use MKL, which PyTorch calls, and write into existing tensors."""
    torch = importlib.import_module("torch")
    images = torch.from_numpy(images_as_floats()[0])
    W1, _, W2, _ = (torch.from_numpy(weight) for weight in initial_weights())
    dZ2 = torch.rand(BATCH, CLASSES)
    H, Z, dW1, dW2 = images[:BATCH] @ W1, dZ2.clone(), torch.empty_like(W1), torch.empty_like(W2)
    dZ1 = torch.empty_like(H)

    def step(X: Any) -> None:
        n = len(X)
        torch.mm(X, W1, out=H[:n])
        torch.mm(H[:n], W2, out=Z[:n])
        torch.mm(dZ2[:n], W2.T, out=dZ1[:n])
        torch.mm(H[:n].T, dZ2[:n], out=dW2)
        torch.mm(X.T, dZ1[:n], out=dW1)

    return _steps(images, step)


def _steps(images: Any, step: Any) -> Run:
    batches = [images[start : start + BATCH] for start in range(0, len(images), BATCH)]

    def train(epochs: int) -> None:
        for _ in range(epochs):
            for X in batches:
                step(X)

    return Run(first_loss=lambda: step(batches[0]), train=train)
