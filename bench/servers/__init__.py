"""The same network behind other servers: each module starts one by `python -m`, in a venv that has it.

They run with their defaults, one worker, and the request format of their own guides.
"""

import argparse

import numpy as np
from numpy.typing import NDArray

WEIGHTS_VARIABLE = "BENCH_WEIGHTS"

Floats = NDArray[np.float32]


class Network:
    """784 to 512 (relu) to 10 (softmax), on NumPy arrays.

    Args:
        path: An npz file with ``W1, b1, W2, b2``.
    """

    def __init__(self, path: str) -> None:
        with np.load(path, allow_pickle=False) as weights:
            self.weights: list[Floats] = [weights[name] for name in ("W1", "b1", "W2", "b2")]

    def __call__(self, pixels: object) -> Floats:
        """Return the ten probabilities of an image.

        Shapes:
            pixels: 28x28, from 0 to 255 -> (10,).
        """
        W1, b1, W2, b2 = self.weights
        x = np.asarray(pixels, np.float32).reshape(1, -1) / np.float32(255)
        outputs = np.maximum(x @ W1 + b1, 0) @ W2 + b2
        powers = np.exp(outputs - outputs.max())
        probabilities: Floats = (powers / powers.sum())[0]
        return probabilities


def arguments() -> argparse.Namespace:
    """Parse the port and the path of the weights."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--weights", required=True)
    return parser.parse_args()
