"""Whatever is uploaded as weights, what is none is refused at its field, and nothing has changed."""

import io
import json
import struct
import zipfile
from typing import Any

import httpx
import numpy as np
import pytest

import naivenet
from tests.integration.api.refusals import png, problem

pytestmark = pytest.mark.usefixtures("nothing_changes")

NETWORK = json.dumps({"layers": [{"units": 4, "activation": "relu"}, {"units": 10, "activation": "softmax"}]})


def safetensors(shapes: dict[str, tuple[int, ...]]) -> bytes:
    """A safetensors file of zeros, as another program would write it."""
    header, at = {}, 0
    for name, shape in shapes.items():
        size = 4 * int(np.prod(shape))
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [at, at + size]}
        at += size
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + bytes(at)


def npz(arrays: dict[str, Any]) -> bytes:
    """An npz file, of objects too."""
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


def lying(length: int, rest: bytes = b"{}") -> bytes:
    """A safetensors file whose header says that it is this long."""
    return struct.pack("<Q", length) + rest


#: Arrays of the network that uploads are said to be of.
FITTING = {
    "W0": np.zeros((784, 4), np.float32),
    "b0": np.zeros(4, np.float32),
    "W1": np.zeros((4, 10), np.float32),
    "b1": np.zeros(10, np.float32),
}


def pickled() -> bytes:
    """An npz that would run code, were it unpickled."""
    return npz(FITTING | {"b0": np.array([{"a": 1}] * 4, dtype=object)})


def bomb() -> bytes:
    """An npz member that says that it is small and is not."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in FITTING:
            archive.writestr(f"{name}.npy", b"\x93NUMPY" + bytes(50_000_000))
    return stream.getvalue()


UPLOADS: dict[str, tuple[bytes, str]] = {
    "an npz of pickled objects": (pickled(), "b0 is of dtype object"),
    "an npz that unpacks to much": (bomb(), "W0 is no array that NumPy wrote"),
    "a header of 100 MB": (lying(100_000_000, b"{" + b" " * 1000), ""),
    "a lying header": (lying(2**63), ""),
    "a header of 100 MB that is there": (lying(100_000_000, b" " * 100_000_000), ""),
    "no header": (b"\0\0", ""),
    "nothing": (b"", ""),
    "no weights": (b"hello, world", ""),
    "a picture": (png(), ""),
    "deep JSON as header": (lying(200_000, b"[" * 200_000), ""),
    "too few weights": (safetensors({"layers.0.W": (784, 4), "layers.0.b": (4,)}), "layers.1"),
    "wrong shapes": (
        safetensors(
            {"layers.0.W": (784, 5), "layers.0.b": (5,), "layers.1.W": (5, 10), "layers.1.b": (10,)},
        ),
        r"layers.0.W has shape (784, 5), but the network wants (784, 4)",
    ),
    "wrong shapes in an npz": (
        npz(
            {
                "W0": np.zeros((784, 5), "f"),
                "b0": np.zeros(5, "f"),
                "W1": np.zeros((5, 10), "f"),
                "b1": np.zeros(10, "f"),
            }
        ),
        "(784, 5)",
    ),
}


@pytest.mark.parametrize("what", UPLOADS)
def test_no_weights(client: httpx.Client, what: str) -> None:
    """Each is refused at its field, and what does not fit by layer and shapes."""
    data, told = UPLOADS[what]
    answer = client.post("/v1/checkpoints", files={"weights": data}, data={"network": NETWORK})
    assert told in problem(answer, 422, "/weights")["detail"]


@pytest.mark.parametrize(
    ("network", "pointer"),
    [
        (" ", "/network"),
        ("[" * 10_000, "/network"),
        ('{"layers": []}', "/network/layers"),
        ('{"layers": [{"units": "4", "activation": "relu"}]}', "/network/layers/0/units"),
        ('{"layers": [{"units": 3, "activation": "softmax"}]}', "/network/layers/0/units"),
        ('{"layers": [{"units": 10, "activation": "softmax"}], "colour": 1}', "/network/colour"),
    ],
)
def test_no_network(client: httpx.Client, network: str, pointer: str) -> None:
    """The network beside the weights is held to what a job's is."""
    data = naivenet.to_npz(
        naivenet.NOTEBOOK_NETWORK.with_weights([np.zeros(s, "f") for s in naivenet.NOTEBOOK_NETWORK.shapes(784)])
    )
    problem(client.post("/v1/checkpoints", files={"weights": data}, data={"network": network}), 422, pointer)


def test_an_npz_without_its_network(client: httpx.Client) -> None:
    """The text says what is missing."""
    answer = client.post("/v1/checkpoints", files={"weights": npz({"W0": np.zeros((784, 10), "f")})})
    assert "network" in problem(answer, 422, "/weights")["detail"]


def test_a_form_without_weights(client: httpx.Client) -> None:
    """The field is named."""
    problem(client.post("/v1/checkpoints", files={"weight": b"x"}), 422, "/weights")


def test_weights_that_are_no_file(client: httpx.Client) -> None:
    """The field is named."""
    problem(
        client.post("/v1/checkpoints", files={"network": (None, NETWORK), "weights": (None, "text")}), 422, "/weights"
    )


def test_a_field_twice(client: httpx.Client) -> None:
    """Two files where one is meant: the last is read, as everywhere in forms, and it is none."""
    problem(client.post("/v1/checkpoints", files=[("weights", b"x"), ("weights", b"y")]), 422, "/weights")


@pytest.mark.parametrize("content_type", ["application/octet-stream", "application/json", "multipart/form-data"])
def test_an_upload_that_is_no_form(client: httpx.Client, content_type: str) -> None:
    """What is wanted is told."""
    answer = client.post("/v1/checkpoints", content=b"{}", headers={"content-type": content_type})
    assert answer.status_code in {400, 415, 422}
    problem(answer, answer.status_code)
