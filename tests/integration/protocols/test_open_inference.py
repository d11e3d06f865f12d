"""The Open Inference Protocol v2, with Triton's own client and with requests by hand."""

from collections.abc import Iterator
from typing import Any

import httpx2
import numpy as np
import orjson
import pytest
import tritonclient.http as triton
from numpy.typing import NDArray
from tritonclient.utils import InferenceServerException, triton_to_np_dtype

import naivenet
from tests.servers import Server

Floats = NDArray[np.float32]

INFER = "/v2/models/digits/infer"
LENGTH = "Inference-Header-Content-Length"


@pytest.fixture
def triton_client(session_server: Server) -> Iterator[triton.InferenceServerClient]:
    """Yield Triton's own client."""
    with triton.InferenceServerClient(f"127.0.0.1:{session_server.port}", network_timeout=60) as client:
        yield client


def tensor_of(rows: Floats, *, binary: bool) -> triton.InferInput:
    """Return the rows as Triton's client sends them."""
    tensor = triton.InferInput("pixels", list(rows.shape), "FP32")
    tensor.set_data_from_numpy(rows, binary_data=binary)
    return tensor


def test_tritons_client_finds_server_and_model(triton_client: triton.InferenceServerClient, version: int) -> None:
    """It finds both live, ready and with metadata, without any configuration."""
    assert triton_client.is_server_live()
    assert triton_client.is_server_ready()
    assert triton_client.is_model_ready("digits")
    assert triton_client.is_model_ready("digits", str(version))
    assert not triton_client.is_model_ready("nope")
    assert not triton_client.is_model_ready("digits", "999")
    assert "binary_tensor_data" in triton_client.get_server_metadata()["extensions"]
    metadata = triton_client.get_model_metadata("digits", str(version))
    assert metadata["inputs"] == [{"name": "pixels", "datatype": "FP32", "shape": [-1, 784]}]
    assert metadata["outputs"] == [{"name": "scores", "datatype": "FP32", "shape": [-1, 10]}]
    assert str(version) in metadata["versions"]


@pytest.mark.parametrize("binary_in", [True, False])
@pytest.mark.parametrize("binary_out", [True, False])
def test_tritons_client_infers(  # noqa: PLR0913  # fixtures
    triton_client: triton.InferenceServerClient,
    version: int,
    rows: Floats,
    network: naivenet.NaiveSequential,
    *,
    binary_in: bool,
    binary_out: bool,
) -> None:
    """With binary or JSON tensors in and out, it gets the network's outputs, with the request's id."""
    outputs = [triton.InferRequestedOutput("scores", binary_data=binary_out)]
    inputs = [tensor_of(rows, binary=binary_in)]
    result = triton_client.infer("digits", inputs, model_version=str(version), outputs=outputs, request_id="42")
    assert np.allclose(result.as_numpy("scores"), network(rows), atol=1e-6)
    assert result.get_response()["id"] == "42"
    assert result.get_response()["model_version"] == str(version)


def test_tritons_client_need_not_name_outputs(
    triton_client: triton.InferenceServerClient, version: int, rows: Floats
) -> None:
    """It then requests all outputs as binary; images may be 28 rows of 28."""
    by_rows = triton_client.infer("digits", [tensor_of(rows, binary=True)]).as_numpy("scores")
    by_images = triton_client.infer("digits", [tensor_of(rows.reshape(-1, 28, 28), binary=True)]).as_numpy("scores")
    assert by_rows.dtype == np.float32
    assert np.array_equal(by_rows, by_images)


@pytest.mark.parametrize("datatype", ["FP64", "FP16", "FP32", "UINT8", "INT64", "UINT16"])
@pytest.mark.parametrize("binary", [True, False])
def test_tritons_client_sends_any_datatype(  # noqa: PLR0913  # fixtures
    triton_client: triton.InferenceServerClient,
    version: int,
    rows: Floats,
    network: naivenet.NaiveSequential,
    datatype: str,
    *,
    binary: bool,
) -> None:
    """Floats from 0 to 1 and integers from 0 to 255, under any name, in rows and with or without a batch."""
    dtype = triton_to_np_dtype(datatype)
    image = (rows[0] if dtype.__name__.startswith("float") else rows[0] * 255).astype(dtype)
    for shape in ([28, 28], [784], [1, 28, 28], [1, 1, 28, 28], [1, 28, 28, 1]):
        tensor = triton.InferInput("input_1", shape, datatype)
        if datatype == "FP16" and not binary:
            continue  # the client cannot write it as JSON
        tensor.set_data_from_numpy(image.reshape(shape), binary_data=binary)
        scores = triton_client.infer("digits", [tensor], model_version=str(version)).as_numpy("scores")
        assert np.allclose(scores, network(rows[:1]), atol=1e-3)


def test_tritons_client_raises_our_error(
    triton_client: triton.InferenceServerClient, version: int, rows: Floats
) -> None:
    """Its exception has the service's message."""
    with pytest.raises(InferenceServerException, match=r"scaled to -1 to 1.* at \[0, 0\]"):
        triton_client.infer("digits", [tensor_of(rows * 2 - 1, binary=True)])
    with pytest.raises(InferenceServerException, match="no model 'nope'"):
        triton_client.infer("nope", [tensor_of(rows, binary=True)])


def test_nested_data_is_flattened(client: httpx2.Client, version: int, rows: Floats) -> None:
    """JSON data may be flat or nested; both are the same tensor."""
    tensor = {"name": "pixels", "shape": [5, 28, 28], "datatype": "FP32"}
    answers = [
        client.post(INFER, json={"inputs": [{**tensor, "data": data}]}).json()["outputs"][0]["data"]
        for data in (rows.reshape(5, 28, 28).tolist(), rows.ravel().tolist(), rows.tolist())
    ]
    assert answers[0] == answers[1] == answers[2]
    assert len(answers[0]) == 50


def test_all_outputs_are_binary_if_the_request_says_so(client: httpx2.Client, version: int, rows: Floats) -> None:
    """`binary_data_output` holds for each output without a `binary_data` of its own."""
    tensor = {"name": "pixels", "shape": [1, 784], "datatype": "FP32", "data": rows[0].tolist()}
    body: dict[str, Any] = {"inputs": [tensor], "parameters": {"binary_data_output": True}}
    answer = client.post(INFER, json=body)
    header = int(answer.headers[LENGTH])
    assert orjson.loads(answer.content[:header])["outputs"][0]["parameters"] == {"binary_data_size": 40}
    assert len(answer.content) == header + 40
    body["outputs"] = [{"name": "scores", "parameters": {"binary_data": False}}]
    assert len(client.post(INFER, json=body).json()["outputs"][0]["data"]) == 10


TENSOR = {"name": "pixels", "shape": [1, 784], "datatype": "FP32", "data": [0.0] * 784}
BYTES = {"name": "pixels", "shape": [1, 784], "datatype": "FP32", "parameters": {"binary_data_size": 3136}}

BAD_REQUESTS: dict[str, Any] = {
    "nothing": {},
    "not an object": [],
    "no inputs": {"inputs": []},
    "two inputs": {"inputs": [TENSOR, TENSOR]},
    "input is not an object": {"inputs": [1]},
    "other datatype": {"inputs": [{**TENSOR, "datatype": "BF16"}]},
    "encoded image": {"inputs": [{**TENSOR, "datatype": "BYTES", "shape": [1], "data": ["AAAA"]}]},
    "negative": {"inputs": [{**TENSOR, "data": [-0.5] * 784}]},
    "no shape": {"inputs": [{**TENSOR, "shape": None}]},
    "negative shape": {"inputs": [{**TENSOR, "shape": [-1, 784]}]},
    "empty batch": {"inputs": [{**TENSOR, "shape": [0, 784], "data": []}]},
    "fraction in shape": {"inputs": [{**TENSOR, "shape": [1.0, 784]}]},
    "boolean in shape": {"inputs": [{**TENSOR, "shape": [True, 784]}]},
    "shape of another network": {"inputs": [{**TENSOR, "shape": [1, 783]}]},
    "shape for more data": {"inputs": [{**TENSOR, "shape": [2, 784]}]},
    "no data": {"inputs": [{**TENSOR, "data": None}]},
    "text in data": {"inputs": [{**TENSOR, "data": ["0"] * 784}]},
    "boolean in data": {"inputs": [{**TENSOR, "data": [True, *[0.0] * 783]}]},
    "ragged data": {"inputs": [{**TENSOR, "data": [[0.0] * 783, 0.0]}]},
    "deep data": {"inputs": [{**TENSOR, "data": [[[[[0.0] * 784]]]]}]},
    "missing bytes": {"inputs": [BYTES]},
    "unknown field": {"inputs": [TENSOR], "more": 1},
    "unknown field of the input": {"inputs": [{**TENSOR, "more": 1}]},
    "parameters are not an object": {"inputs": [TENSOR], "parameters": 1},
    "id is not a string": {"inputs": [TENSOR], "id": 1},
    "other output": {"inputs": [TENSOR], "outputs": [{"name": "x"}]},
    "two outputs": {"inputs": [TENSOR], "outputs": [{"name": "scores"}] * 2},
    "classification": {"inputs": [TENSOR], "outputs": [{"name": "scores", "parameters": {"classification": 3}}]},
    "binary is not a boolean": {"inputs": [TENSOR], "outputs": [{"name": "scores", "parameters": {"binary_data": 1}}]},
}


@pytest.mark.parametrize("body", BAD_REQUESTS.values(), ids=BAD_REQUESTS.keys())
def test_a_wrong_request_is_an_error(client: httpx2.Client, version: int, body: Any) -> None:
    """It is a 400 with ``{"error": text}``."""
    answer = client.post(INFER, json=body)
    assert answer.status_code == 400, answer.text
    assert answer.json().keys() == {"error"}


@pytest.mark.parametrize(
    ("shape", "size", "sent"),
    [
        ([1, 784], 3136, 3135),
        ([1, 784], 3136, 3137),
        ([1, 784], 3135, 3136),
        ([2, 784], 3136, 3136),
        ([1, 784], "3136", 3136),
        ([1, 784], True, 1),
        ([1, 784], -1, 0),
    ],
)
def test_bytes_that_do_not_fit_their_shape_are_refused(
    client: httpx2.Client, version: int, shape: list[int], size: Any, sent: int
) -> None:
    """The size, the shape and the bytes have to agree."""
    header = orjson.dumps({"inputs": [{**BYTES, "shape": shape, "parameters": {"binary_data_size": size}}]})
    answer = client.post(INFER, content=header + bytes(sent), headers={LENGTH: str(len(header))})
    assert answer.status_code == 400
    assert answer.json().keys() == {"error"}


def test_binary_data_that_no_input_has_is_refused(client: httpx2.Client, version: int) -> None:
    """A body with JSON data and with bytes after it is a 400."""
    header = orjson.dumps({"inputs": [TENSOR]})
    answer = client.post(INFER, content=header + bytes(8), headers={LENGTH: str(len(header))})
    assert answer.status_code == 400


def test_bytes_that_are_not_finite_are_refused(client: httpx2.Client, version: int) -> None:
    """A NaN in binary data is a 400."""
    header = orjson.dumps({"inputs": [BYTES]})
    data = np.full(784, np.nan, "<f4").tobytes()
    answer = client.post(INFER, content=header + data, headers={LENGTH: str(len(header))})
    assert answer.status_code == 400
    assert "finite" in answer.json()["error"]


@pytest.mark.parametrize("length", ["-1", "x", "1e3", "999999", "9" * 40, "1 1", "²"])
def test_a_wrong_header_length_is_refused(client: httpx2.Client, version: int, length: str) -> None:
    """The header must be a number, and not above the length of the body."""
    headers = [(LENGTH.encode(), length.encode("latin-1"))]
    answer = client.post(INFER, content=orjson.dumps({"inputs": [TENSOR]}), headers=headers)
    assert answer.status_code == 400
    assert answer.json().keys() == {"error"}


def test_a_batch_over_the_limit_is_refused(client: httpx2.Client, version: int) -> None:
    """The shape alone is refused with a 413, before anything is allocated."""
    for count in (1025, 10_000, 2**62):
        header = orjson.dumps({"inputs": [{**BYTES, "shape": [count, 784]}]})
        answer = client.post(INFER, content=header + bytes(3136), headers={LENGTH: str(len(header))})
        assert answer.status_code == 413
        assert answer.json().keys() == {"error"}


def test_unknown_paths_have_an_error(client: httpx2.Client) -> None:
    """Unknown models, versions and paths are a 404 with an error."""
    for path in ("/v2/models/nope", "/v2/models/digits/versions/0", "/v2/models/nope/ready", "/v2/nope"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert answer.json()["error"]
