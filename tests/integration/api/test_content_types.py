"""Bodies as people send them: without a content type, with curl's, with a byte order mark, with floats for integers."""

import io
import shutil
import subprocess
from pathlib import Path

import httpx2
import numpy as np
import pytest

from tests.integration.api.refusals import png
from tests.servers import Json, Server, finished

FORM = "application/x-www-form-urlencoded"
CHECK = "/v1/jobs?validate_only=true"


def npy() -> bytes:
    """A blank digit as an .npy file."""
    stream = io.BytesIO()
    np.save(stream, np.zeros((28, 28), np.uint8))
    return stream.getvalue()


def curl(server: Server, path: str, *arguments: str) -> Json:
    """Return curl's answer as JSON."""
    command = [shutil.which("curl") or "curl", "-sS", "--fail-with-body", server.base_url + path, *arguments]
    answer: Json = httpx2.Response(200, content=subprocess.run(command, capture_output=True, check=True).stdout).json()
    return answer


def test_curl_needs_no_content_type(
    session_server: Server, client: httpx2.Client, trained: Json, tmp_path: Path
) -> None:
    """`curl -d` and `--data-binary`, which send a form's content type, and an empty POST do what was meant."""
    assert curl(session_server, CHECK, "-d", '{"dataset": "tiny", "epochs": 3}')["epochs"] == 3
    assert curl(session_server, CHECK, "-X", "POST")["epochs"] == 10
    fork = curl(session_server, f"/v1/jobs/{trained['id']}/fork", "-X", "POST")
    client.post(f"/v1/jobs/{fork['id']}/cancel")
    finished(client, fork["id"])
    (tmp_path / "x.png").write_bytes(png())
    picture = curl(session_server, "/v1/predict", "--data-binary", f"@{tmp_path / 'x.png'}")
    assert picture == client.post("/v1/predict", content=png(), headers={"content-type": "image/png"}).json()


@pytest.mark.parametrize("content_type", [None, "", FORM, "application/octet-stream"])
@pytest.mark.parametrize(
    ("body", "declared"),
    [
        (png(), "image/png"),
        (npy(), "application/x-npy"),
        (b' {"pixels": [' + b"0," * 783 + b"0]}", "application/json"),
    ],
)
def test_a_prediction_is_read_by_its_bytes(
    client: httpx2.Client, trained: Json, body: bytes, declared: str, content_type: str | None
) -> None:
    """Where the content type says nothing, pictures, arrays and JSON are what they begin with."""
    headers = {} if content_type is None else {"content-type": content_type}
    answer = client.post("/v1/predict", content=body, headers=headers)
    assert answer.is_success, answer.text
    assert answer.content == client.post("/v1/predict", content=body, headers={"content-type": declared}).content


@pytest.mark.parametrize("path", [CHECK, "/v1/predict", "/v1/models/digits:predict"])
def test_a_byte_order_mark_is_ignored(client: httpx2.Client, trained: Json, path: str) -> None:
    """Windows tools write one in front of UTF-8."""
    bodies = {CHECK: b'{"epochs": 3}', "/v1/predict": b'{"pixels": [' + b"0," * 783 + b"0]}"}
    body = bodies.get(path, b'{"instances": [[' + b"0," * 783 + b"0]]}")
    answer = client.post(path, content=b"\xef\xbb\xbf" + body, headers={"content-type": "application/json"})
    assert answer.is_success, answer.text


def test_whole_numbers_may_be_written_as_floats(client: httpx2.Client) -> None:
    """JSON has one type for all numbers: R writes 1e+05, others 128.0. A fraction is still no integer."""
    layers = b'[{"units": 64.0, "activation": "relu"}, {"units": 1e1, "activation": "softmax"}]'
    body = b'{"batch_size": 128.0, "seed": 1e+05, "network": {"layers": %b}}' % layers
    config = client.post(CHECK, content=body, headers={"content-type": "application/json"}).json()
    assert (config["batch_size"], config["seed"]) == (128, 100_000)
    assert [layer["units"] for layer in config["network"]["layers"]] == [64, 10]
    assert all(type(value) is int for value in (config["batch_size"], config["seed"]))
    refused = client.post(CHECK, json={"batch_size": 128.5})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/batch_size")
    optimizer = client.post(CHECK, json={"optimizer": {"learning_rate": 1.0, "momentum": 0.0}}).json()["optimizer"]
    assert (optimizer["learning_rate"], optimizer["momentum"]) == (1.0, 0.0)
