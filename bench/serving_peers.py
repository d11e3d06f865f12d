"""Who is asked in `bench.serving`, and what: each server by its own way to send one picture."""

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
    """What is sent: a body, and the path that takes it."""

    name: str
    path: str
    media_type: str
    body: bytes
    headers: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Rival:
    """Somebody else's server.

    Attributes:
        label: What the table calls it.
        module: Its module in `bench.servers`.
        package: What it needs to be installed, by the name that is imported.
        ready: The path that answers 200 once it takes work.
        request: What it is asked.
    """

    label: str
    module: str
    package: str
    ready: str
    request: Request


def ours() -> list[Request]:
    """One picture, in four forms."""
    pixels = naivenet.datasets.load().x_test[0]
    png, document = bodies()
    tensor = (pixels.reshape(1, -1) / np.float32(255)).astype("<f4").tobytes()
    asked = {"name": "pixels", "shape": [1, 784], "datatype": "FP32", "parameters": {"binary_data_size": len(tensor)}}
    wanted = [{"name": "scores", "parameters": {"binary_data": True}}]
    header = json.dumps({"inputs": [asked], "outputs": wanted}).encode()
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


def many(count: int) -> Request:
    """The first *count* test images in one array."""
    images = naivenet.datasets.load().x_test[:count]
    return Request(name=f"npy of {count}", path="/v1/predict", media_type="application/x-npy", body=as_npy(images))


def rivals() -> Sequence[Rival]:
    """The others, the bare ASGI limit among them."""
    pixels = naivenet.datasets.load().x_test[0]
    document = bodies()[1].data
    flat = {"name": "pixels", "shape": [1, 784], "datatype": "FP32", "data": pixels.ravel().tolist()}
    tensor = json.dumps({"inputs": [flat]}).encode()
    plain = Request(name="JSON", path="/predict", media_type="application/json", body=document)
    oip = Request(name="JSON", path="/v2/models/digits/infer", media_type="application/json", body=tensor)
    return [
        Rival(label=ASGI, module="bare_asgi", package="uvicorn", ready="/", request=plain),
        Rival(label=MLSERVER, module="by_mlserver", package="mlserver", ready="/v2/health/ready", request=oip),
        Rival(label=BENTOML, module="by_bentoml", package="bentoml", ready="/readyz", request=plain),
        Rival(label=LITSERVE, module="by_litserve", package="litserve", ready="/health", request=plain),
        Rival(label=KERAS, module="by_keras", package="keras", ready="/health", request=plain),
    ]


def as_npy(array: np.ndarray) -> bytes:
    """The array as a file of NumPy's."""
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()
