"""The servers that `bench.serving` compares, and the request for each: one image, in the server's own format."""

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

import naivenet
from bench.request_bodies import bodies

OURS, BARE, ASGI = "naivenet", "bare FastAPI", "bare ASGI"
BENTOML, LITSERVE, MLSERVER, KERAS = "BentoML", "LitServe", "MLServer", "Keras behind FastAPI"


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request: its path and body."""

    name: str
    path: str
    media_type: str
    body: bytes
    headers: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PeerServer:
    """Another server that is compared.

    Attributes:
        label: Its name in the table.
        module: Its module in `bench.servers`.
        package: The package that it needs, by its import name.
        ready: The path that returns 200 once it is ready.
        request: The request that it gets.
    """

    label: str
    module: str
    package: str
    ready: str
    request: Request


def our_requests() -> list[Request]:
    """Return requests with one image, in four formats."""
    pixels = naivenet.datasets.load().x_test[0]
    png, document = bodies()
    tensor = (pixels.reshape(1, -1) / np.float32(255)).astype("<f4").tobytes()
    tensor_input = {
        "name": "pixels",
        "shape": [1, 784],
        "datatype": "FP32",
        "parameters": {"binary_data_size": len(tensor)},
    }
    outputs = [{"name": "scores", "parameters": {"binary_data": True}}]
    header = json.dumps({"inputs": [tensor_input], "outputs": outputs}).encode()
    return [
        Request(name="PNG", path="/v1/predict", media_type=png.media_type, body=png.data),
        Request(name="JSON", path="/v1/predict", media_type=document.media_type, body=document.data),
        Request(name="npy", path="/v1/predict", media_type="application/x-npy", body=as_npy(pixels)),
        Request(
            name="OIP, binary",
            path="/v2/models/digits/infer",
            media_type="application/octet-stream",
            body=header + tensor,
            headers=(f"Inference-Header-Content-Length: {len(header)}",),
        ),
    ]


def batch_request(count: int) -> Request:
    """Return a request with the first *count* test images in one array."""
    images = naivenet.datasets.load().x_test[:count]
    return Request(name=f"npy of {count}", path="/v1/predict", media_type="application/x-npy", body=as_npy(images))


def peer_servers() -> Sequence[PeerServer]:
    """Return the other servers, and the bare ASGI application as the limit."""
    pixels = naivenet.datasets.load().x_test[0]
    document = bodies()[1].data
    flat = {"name": "pixels", "shape": [1, 784], "datatype": "FP32", "data": pixels.ravel().tolist()}
    tensor = json.dumps({"inputs": [flat]}).encode()
    plain = Request(name="JSON", path="/predict", media_type="application/json", body=document)
    oip = Request(name="JSON", path="/v2/models/digits/infer", media_type="application/json", body=tensor)
    return [
        PeerServer(label=ASGI, module="bare_asgi", package="uvicorn", ready="/", request=plain),
        PeerServer(label=MLSERVER, module="by_mlserver", package="mlserver", ready="/v2/health/ready", request=oip),
        PeerServer(label=BENTOML, module="by_bentoml", package="bentoml", ready="/readyz", request=plain),
        PeerServer(label=LITSERVE, module="by_litserve", package="litserve", ready="/health", request=plain),
        PeerServer(label=KERAS, module="by_keras", package="keras", ready="/health", request=plain),
    ]


def as_npy(array: np.ndarray) -> bytes:
    """Return the array as an ``.npy`` file."""
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()
