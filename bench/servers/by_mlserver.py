"""MLServer: the model in the server's own process, as its guide recommends for light models."""

import json
import os
import socket
import sys
import tempfile
from pathlib import Path

from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceRequest, InferenceResponse

from bench.servers import WEIGHTS_VARIABLE, Network, arguments


class Digits(MLModel):  # type: ignore[misc]  # it publishes no types
    """The network."""

    async def load(self) -> bool:
        """Load the network."""
        self.network = Network(os.environ[WEIGHTS_VARIABLE])
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        """Predict."""
        shares = self.network(NumpyCodec.decode_input(payload.inputs[0]))
        output = NumpyCodec.encode_output(name="scores", payload=shares[None])
        return InferenceResponse(model_name=self.name, outputs=[output])


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


if __name__ == "__main__":
    given = arguments()
    os.environ[WEIGHTS_VARIABLE] = given.weights
    folder = Path(tempfile.mkdtemp(prefix="bench-mlserver-"))
    ports = {"http_port": given.port, "grpc_port": _free_port(), "metrics_port": _free_port()}
    settings = {"host": "127.0.0.1", "parallel_workers": 0, "debug": False, **ports}
    (folder / "settings.json").write_text(json.dumps(settings))
    model = {"name": "digits", "implementation": "bench.servers.by_mlserver.Digits"}
    (folder / "model-settings.json").write_text(json.dumps(model))
    os.environ["PYTHONPATH"] = str(Path.cwd())
    os.execv(sys.executable, [sys.executable, "-m", "mlserver.cli.main", "start", str(folder)])  # noqa: S606  # this process becomes it
