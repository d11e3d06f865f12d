"""LitServe: one worker, without batching, as in its guide."""

import os
from typing import Any

import litserve

from bench.servers import WEIGHTS_VARIABLE, Network, arguments


class Digits(litserve.LitAPI):  # type: ignore[misc]  # it publishes no types
    """The network."""

    def setup(self, device: str) -> None:  # noqa: ARG002  # as LitServe calls it
        """Load the network."""
        self.network = Network(os.environ[WEIGHTS_VARIABLE])

    def decode_request(self, request: dict[str, Any]) -> Any:
        """Return the pixels of the request."""
        return request["pixels"]

    def predict(self, x: Any) -> Any:
        """Predict."""
        return self.network(x)

    def encode_response(self, output: Any) -> dict[str, Any]:
        """Return the response."""
        return {"probabilities": output.tolist()}


if __name__ == "__main__":
    given = arguments()
    os.environ[WEIGHTS_VARIABLE] = given.weights  # its workers are other processes
    litserve.LitServer(Digits(), accelerator="cpu", workers_per_device=1).run(
        host="127.0.0.1", port=given.port, num_api_servers=1, generate_client_file=False, log_level="warning"
    )
