"""The Open Inference Protocol v2, by the stock client of Triton and by hand."""

from collections.abc import Iterator
from typing import Any

import httpx
import numpy as np
import orjson
import pytest
import tritonclient.http as triton
from numpy.typing import NDArray
from tritonclient.utils import InferenceServerException

import naivenet
from tests.servers import Server

Floats = NDArray[np.float32]

INFER = "/v2/models/digits/infer"
LENGTH = "Inference-Header-Content-Length"


@pytest.fixture
def stock(session_server: Server) -> Iterator[triton.InferenceServerClient]:
    """Triton's own client."""
    with triton.InferenceServerClient(f"127.0.0.1:{session_server.port}", network_timeout=60) as client:
        yield client


def asked(rows: Floats, *, binary: bool) -> triton.InferInput:
    """The rows as the stock client sends them."""
    tensor = triton.InferInput("pixels", list(rows.shape), "FP32")
    tensor.set_data_from_numpy(rows, binary_data=binary)
    return tensor


def test_the_stock_client_finds_server_and_model(stock: triton.InferenceServerClient, version: int) -> None:
    """Live, ready, and described, with nothing to configure."""
    assert stock.is_server_live()
    assert stock.is_server_ready()
    assert stock.is_model_ready("digits")
    assert stock.is_model_ready("digits", str(version))
    assert not stock.is_model_ready("nope")
    assert not stock.is_model_ready("digits", "999")
    assert "binary_tensor_data" in stock.get_server_metadata()["extensions"]
    told = stock.get_model_metadata("digits", str(version))
    assert told["inputs"] == [{"name": "pixels", "datatype": "FP32", "shape": [-1, 784]}]
    assert told["outputs"] == [{"name": "scores", "datatype": "FP32", "shape": [-1, 10]}]
    assert str(version) in told["versions"]


@pytest.mark.parametrize("binary_in", [True, False])
@pytest.mark.parametrize("binary_out", [True, False])
def test_the_stock_client_infers(  # noqa: PLR0913  # fixtures
    stock: triton.InferenceServerClient,
    version: int,
    rows: Floats,
    network: naivenet.NaiveSequential,
    *,
    binary_in: bool,
    binary_out: bool,
) -> None:
    """As bytes and as JSON, either way: what the network itself answers, under the request's id."""
    outputs = [triton.InferRequestedOutput("scores", binary_data=binary_out)]
    inputs = [asked(rows, binary=binary_in)]
    found = stock.infer("digits", inputs, model_version=str(version), outputs=outputs, request_id="42")
    assert np.allclose(found.as_numpy("scores"), network(rows), atol=1e-6)
    assert found.get_response()["id"] == "42"
    assert found.get_response()["model_version"] == str(version)


def test_the_stock_client_need_not_name_outputs(
    stock: triton.InferenceServerClient, version: int, rows: Floats
) -> None:
    """It then asks for all as bytes; pictures may be 28 rows of 28."""
    by_rows = stock.infer("digits", [asked(rows, binary=True)]).as_numpy("scores")
    by_pictures = stock.infer("digits", [asked(rows.reshape(-1, 28, 28), binary=True)]).as_numpy("scores")
    assert by_rows.dtype == np.float32
    assert np.array_equal(by_rows, by_pictures)


def test_the_stock_client_is_told_what_is_wrong(
    stock: triton.InferenceServerClient, version: int, rows: Floats
) -> None:
    """Its exception has our words."""
    tensor = triton.InferInput("pixels", [1, 784], "FP64")
    tensor.set_data_from_numpy(rows[:1].astype(np.float64))
    with pytest.raises(InferenceServerException, match="datatype FP32"):
        stock.infer("digits", [tensor])
    with pytest.raises(InferenceServerException, match="no model 'nope'"):
        stock.infer("nope", [asked(rows, binary=True)])


def test_nested_data_is_flattened(client: httpx.Client, version: int, rows: Floats) -> None:
    """JSON data may be flat or nested; both are the same tensor."""
    tensor = {"name": "pixels", "shape": [5, 28, 28], "datatype": "FP32"}
    answers = [
        client.post(INFER, json={"inputs": [{**tensor, "data": data}]}).json()["outputs"][0]["data"]
        for data in (rows.reshape(5, 28, 28).tolist(), rows.ravel().tolist(), rows.tolist())
    ]
    assert answers[0] == answers[1] == answers[2]
    assert len(answers[0]) == 50


def test_all_outputs_are_bytes_where_the_request_says_so(client: httpx.Client, version: int, rows: Floats) -> None:
    """Unless the output itself says otherwise."""
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
    "no object": [],
    "no inputs": {"inputs": []},
    "two inputs": {"inputs": [TENSOR, TENSOR]},
    "input is no object": {"inputs": [1]},
    "other name": {"inputs": [{**TENSOR, "name": "x"}]},
    "other datatype": {"inputs": [{**TENSOR, "datatype": "UINT8"}]},
    "no shape": {"inputs": [{**TENSOR, "shape": None}]},
    "negative shape": {"inputs": [{**TENSOR, "shape": [-1, 784]}]},
    "empty batch": {"inputs": [{**TENSOR, "shape": [0, 784], "data": []}]},
    "fraction in shape": {"inputs": [{**TENSOR, "shape": [1.0, 784]}]},
    "boolean in shape": {"inputs": [{**TENSOR, "shape": [True, 784]}]},
    "no batch in shape": {"inputs": [{**TENSOR, "shape": [784]}]},
    "shape of another network": {"inputs": [{**TENSOR, "shape": [1, 783]}]},
    "shape for more data": {"inputs": [{**TENSOR, "shape": [2, 784]}]},
    "no data": {"inputs": [{**TENSOR, "data": None}]},
    "text in data": {"inputs": [{**TENSOR, "data": ["0"] * 784}]},
    "boolean in data": {"inputs": [{**TENSOR, "data": [True] * 784}]},
    "ragged data": {"inputs": [{**TENSOR, "data": [[0.0] * 783, 0.0]}]},
    "deep data": {"inputs": [{**TENSOR, "data": [[[[[0.0] * 784]]]]}]},
    "bytes that are not there": {"inputs": [BYTES]},
    "unknown field": {"inputs": [TENSOR], "more": 1},
    "unknown field of the input": {"inputs": [{**TENSOR, "more": 1}]},
    "parameters are no object": {"inputs": [TENSOR], "parameters": 1},
    "id is no text": {"inputs": [TENSOR], "id": 1},
    "other output": {"inputs": [TENSOR], "outputs": [{"name": "x"}]},
    "two outputs": {"inputs": [TENSOR], "outputs": [{"name": "scores"}] * 2},
    "classification": {"inputs": [TENSOR], "outputs": [{"name": "scores", "parameters": {"classification": 3}}]},
    "binary is no boolean": {"inputs": [TENSOR], "outputs": [{"name": "scores", "parameters": {"binary_data": 1}}]},
}


@pytest.mark.parametrize("body", BAD_REQUESTS.values(), ids=BAD_REQUESTS.keys())
def test_a_wrong_request_is_an_error(client: httpx.Client, version: int, body: Any) -> None:
    """400 with ``{"error": text}``."""
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
    client: httpx.Client, version: int, shape: list[int], size: Any, sent: int
) -> None:
    """The size, the shape and the bytes have to agree."""
    header = orjson.dumps({"inputs": [{**BYTES, "shape": shape, "parameters": {"binary_data_size": size}}]})
    answer = client.post(INFER, content=header + bytes(sent), headers={LENGTH: str(len(header))})
    assert answer.status_code == 400
    assert answer.json().keys() == {"error"}


def test_bytes_that_nobody_announced_are_refused(client: httpx.Client, version: int) -> None:
    """JSON data, and bytes besides."""
    header = orjson.dumps({"inputs": [TENSOR]})
    answer = client.post(INFER, content=header + bytes(8), headers={LENGTH: str(len(header))})
    assert answer.status_code == 400


def test_bytes_that_are_not_finite_are_refused(client: httpx.Client, version: int) -> None:
    """A NaN is no pixel."""
    header = orjson.dumps({"inputs": [BYTES]})
    data = np.full(784, np.nan, "<f4").tobytes()
    answer = client.post(INFER, content=header + data, headers={LENGTH: str(len(header))})
    assert answer.status_code == 400
    assert "finite" in answer.json()["error"]


@pytest.mark.parametrize("length", ["-1", "x", "1e3", "999999", "9" * 40, "1 1", "²"])
def test_a_header_length_that_lies_is_refused(client: httpx.Client, version: int, length: str) -> None:
    """It is a number of bytes, and there are so many."""
    headers = [(LENGTH.encode(), length.encode("latin-1"))]
    answer = client.post(INFER, content=orjson.dumps({"inputs": [TENSOR]}), headers=headers)
    assert answer.status_code == 400
    assert answer.json().keys() == {"error"}


def test_a_batch_over_the_limit_is_refused(client: httpx.Client, version: int) -> None:
    """Said by its shape alone, before anything is allocated."""
    for count in (1025, 10_000, 2**62):
        header = orjson.dumps({"inputs": [{**BYTES, "shape": [count, 784]}]})
        answer = client.post(INFER, content=header + bytes(3136), headers={LENGTH: str(len(header))})
        assert answer.status_code == 413
        assert answer.json().keys() == {"error"}


def test_what_is_not_there_has_an_error(client: httpx.Client) -> None:
    """Models, versions and paths."""
    for path in ("/v2/models/nope", "/v2/models/digits/versions/0", "/v2/models/nope/ready", "/v2/nope"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert answer.json()["error"]
