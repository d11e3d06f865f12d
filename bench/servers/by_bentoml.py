"""BentoML: one worker, without batching, as in its guide."""

import os
import sys

import bentoml
import numpy as np

from bench.servers import WEIGHTS_VARIABLE, Network, arguments


@bentoml.service(workers=1)
class Digits:
    """The network."""

    def __init__(self) -> None:
        self.network = Network(os.environ[WEIGHTS_VARIABLE])

    @bentoml.api
    def predict(self, pixels: np.ndarray) -> np.ndarray:
        """Predict."""
        return self.network(pixels)


if __name__ == "__main__":
    given = arguments()
    os.environ[WEIGHTS_VARIABLE] = given.weights
    os.environ |= {"BENTOML_DO_NOT_TRACK": "true", "BENTOML_HOST": "127.0.0.1"}
    command = [sys.executable, "-m", "bentoml", "serve", "bench.servers.by_bentoml:Digits"]
    os.execv(sys.executable, [*command, "--host", "127.0.0.1", "--port", str(given.port)])  # noqa: S606  # this process becomes it
