"""Invalid uploads: each is refused with a pointer to its field, and nothing has changed."""

import io
import json
import pickle
import struct
import zipfile
from typing import Any

import httpx2
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
    """A safetensors file whose header claims this length."""
    return struct.pack("<Q", length) + rest


#: Arrays that fit NETWORK.
FITTING = {
    "W0": np.zeros((784, 4), np.float32),
    "b0": np.zeros(4, np.float32),
    "W1": np.zeros((4, 10), np.float32),
    "b1": np.zeros(10, np.float32),
}


def pickled() -> bytes:
    """An npz that would run code if it were unpickled."""
    return npz(FITTING | {"b0": np.array([{"a": 1}] * 4, dtype=object)})


def bomb() -> bytes:
    """An npz whose compressed members unpack to 50 MB each."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in FITTING:
            archive.writestr(f"{name}.npy", b"\x93NUMPY" + bytes(50_000_000))
    return stream.getvalue()


def zipped(members: dict[str, bytes]) -> bytes:
    """A zip archive."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()


UPLOADS: dict[str, tuple[bytes, str]] = {
    "an npz of pickled objects": (pickled(), "b0 holds pickled Python objects"),
    "an npz that unpacks to much": (bomb(), "W0 is not an array that NumPy wrote"),
    "a header of 100 MB": (lying(100_000_000, b"{" + b" " * 1000), ""),
    "a lying header": (lying(2**63), ""),
    "a header of 100 MB that is there": (lying(100_000_000, b" " * 100_000_000), ""),
    "no header": (b"\0\0", ""),
    "nothing": (b"", ""),
    "no weights": (b"hello, world", "its first bytes are of no format that is known"),
    "a picture": (png(), "this is not a safetensors file, but a picture"),
    "a pickle": (pickle.dumps({"W0": 1}), "but a Python pickle"),
    "a file of torch.save": (zipped({"archive/data.pkl": b""}), "torch.save wrote it"),
    "a SavedModel": (zipped({"saved_model.pb": b""}), "it is a SavedModel"),
    "NaN": (npz(FITTING | {"b1": np.array([0, np.nan] * 5, np.float32)}), "b1 has nan as its number 1"),
    "a number beyond float32": (npz(FITTING | {"b1": np.full(10, 1e300)}), "b1 has 1e+300 as its number 0"),
    "integers": (npz(FITTING | {"b1": np.zeros(10, int)}), "b1 is of dtype int64, but only floats"),
    "deep JSON as header": (lying(200_000, b"[" * 200_000), ""),
    "too few weights": (safetensors({"layers.0.W": (784, 4), "layers.0.b": (4,)}), "layers.1"),
    "wrong shapes": (
        safetensors(
            {"layers.0.W": (784, 5), "layers.0.b": (5,), "layers.1.W": (5, 10), "layers.1.b": (10,)},
        ),
        r"layers.0.W has shape (784, 5), but the network needs (784, 4)",
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
def test_invalid_weights_are_refused(client: httpx2.Client, what: str) -> None:
    """The error points to the field; for weights that do not fit, it names the layer and both shapes."""
    data, detail = UPLOADS[what]
    answer = client.post("/v1/checkpoints", files={"weights": data}, data={"network": NETWORK})
    assert detail in problem(answer, 422, "/weights")["detail"]


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
def test_an_invalid_network_is_refused(client: httpx2.Client, network: str, pointer: str) -> None:
    """The network beside the weights follows the same rules as a job's."""
    data = naivenet.to_npz(
        naivenet.NOTEBOOK_NETWORK.with_weights([np.zeros(s, "f") for s in naivenet.NOTEBOOK_NETWORK.shapes(784)])
    )
    problem(client.post("/v1/checkpoints", files={"weights": data}, data={"network": network}), 422, pointer)


def test_an_npz_without_its_network_is_refused(client: httpx2.Client) -> None:
    """The error says that the network is missing."""
    answer = client.post("/v1/checkpoints", files={"weights": npz({"W0": np.zeros((784, 10), "f")})})
    assert "network" in problem(answer, 422, "/weights")["detail"]


def test_a_form_without_weights_is_refused(client: httpx2.Client) -> None:
    """The error points to the missing field."""
    problem(client.post("/v1/checkpoints", files={"weight": b"x"}), 422, "/weights")


def test_weights_as_text_are_refused(client: httpx2.Client) -> None:
    """The error points to the field that must be a file."""
    problem(
        client.post("/v1/checkpoints", files={"network": (None, NETWORK), "weights": (None, "text")}), 422, "/weights"
    )


def test_two_files_in_one_field_are_refused(client: httpx2.Client) -> None:
    """The last one counts, as usual in forms, and here it is invalid."""
    problem(client.post("/v1/checkpoints", files=[("weights", b"x"), ("weights", b"y")]), 422, "/weights")


@pytest.mark.parametrize("content_type", ["application/octet-stream", "application/json", "multipart/form-data"])
def test_an_upload_that_is_no_form_is_refused(client: httpx2.Client, content_type: str) -> None:
    """The response is a 4xx problem document."""
    answer = client.post("/v1/checkpoints", content=b"{}", headers={"content-type": content_type})
    assert answer.status_code in {400, 415, 422}
    problem(answer, answer.status_code)
