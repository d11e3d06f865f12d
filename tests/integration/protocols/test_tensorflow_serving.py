"""TensorFlow Serving's REST API, by requests written from its published documentation."""

from typing import Any

import httpx2
import numpy as np
import pytest
from numpy.typing import NDArray

import naivenet

Floats = NDArray[np.float32]

MODEL = "/v1/models/digits"


def test_row_format_answers_predictions(
    client: httpx2.Client, version: int, rows: Floats, network: naivenet.NaiveSequential
) -> None:
    """A request with ``instances`` gets ``predictions``: the network's outputs."""
    answer = client.post(f"{MODEL}/versions/{version}:predict", json={"instances": rows.tolist()})
    assert answer.status_code == 200, answer.text
    assert answer.json().keys() == {"predictions"}
    assert np.allclose(answer.json()["predictions"], network(rows), atol=1e-6)


def test_columnar_format_answers_outputs(
    client: httpx2.Client, version: int, rows: Floats, network: naivenet.NaiveSequential
) -> None:
    """A request with ``inputs`` gets ``outputs``; the tensor may be named, and flat or 28 rows of 28."""
    path = f"{MODEL}/versions/{version}:predict"
    nested = rows.reshape(-1, 28, 28).tolist()
    for inputs in (rows.tolist(), {"pixels": rows.tolist()}, {"pixels": nested}):
        answer = client.post(path, json={"inputs": inputs, "signature_name": "serving_default"}).json()
        assert answer.keys() == {"outputs"}
        assert np.allclose(answer["outputs"], network(rows), atol=1e-6)


def test_named_instances_are_rows(client: httpx2.Client, version: int, rows: Floats) -> None:
    """Each instance may be an object with the input's name."""
    path = f"{MODEL}/versions/{version}:predict"
    named = client.post(path, json={"instances": [{"pixels": row} for row in rows.tolist()]})
    assert named.json() == client.post(path, json={"instances": rows.tolist()}).json()


def test_images_as_people_have_them(client: httpx2.Client, version: int, rows: Floats) -> None:
    """With an axis of 1, as bytes, in one image's shape, under any name and an empty signature, they score the same."""
    path = f"{MODEL}/versions/{version}:predict"
    wanted = client.post(path, json={"instances": rows[:1].tolist()}).json()["predictions"]
    image = rows[0].reshape(28, 28)
    levels = (image * 255).round().astype(int)
    for instances in (
        image[None, ..., None].tolist(), image[None, None].tolist(), levels[None].tolist(), image.tolist(),
        rows[0].tolist(), (levels * 1.0)[None].tolist(), [{"input_1": image[..., None].tolist()}],
    ):  # fmt: skip
        answer = client.post(path, json={"instances": instances, "signature_name": ""}).json()
        assert np.allclose(answer["predictions"], wanted, atol=1e-6)


def test_an_encoded_image_is_led_to_predict(client: httpx2.Client, version: int) -> None:
    """TensorFlow Serving's form of bytes gets an error that names the route for images."""
    for instance in ({"b64": "AAAA"}, {"image_bytes": {"b64": "AAAA"}}):
        answer = client.post(f"{MODEL}:predict", json={"instances": [instance]})
        assert "/v1/predict" in answer.json()["error"]
    for inputs in ([{"b64": "AAAA"}], {"image_bytes": [{"b64": "AAAA"}]}):
        answer = client.post(f"{MODEL}:predict", json={"inputs": inputs})
        assert "/v1/predict" in answer.json()["error"]


def test_no_content_type_is_needed(client: httpx2.Client, version: int, rows: Floats) -> None:
    """``curl -d`` sends a form's content type, and TensorFlow Serving ignores it."""
    body = b'{"instances": ' + str(rows[:1].tolist()).encode() + b"}"
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert client.post(f"{MODEL}:predict", content=body, headers=headers).status_code == 200


def test_labels_are_aliases(client: httpx2.Client, version: int, rows: Floats) -> None:
    """``live``, ``latest`` and ``best`` are labels of every model; a request without a label uses ``live``."""
    body = {"instances": rows.tolist()}
    live = client.get("/v1/models/digits").json()["aliases"]
    number = next(each["version"] for each in live if each["alias"] == "best")
    by_version = client.post(f"{MODEL}/versions/{number}:predict", json=body).json()
    assert client.post(f"{MODEL}/labels/best:predict", json=body).json() == by_version
    assert client.post(f"{MODEL}/labels/latest:predict", json=body).status_code == 200
    assert (
        client.post(f"{MODEL}:predict", json=body).json()
        == client.post(f"{MODEL}/labels/live:predict", json=body).json()
    )


def test_status_has_versions_as_strings(client: httpx2.Client, version: int) -> None:
    """The status of the model, of a version and of a label has version numbers as strings."""
    wanted = {"version": str(version), "state": "AVAILABLE", "status": {"error_code": "OK", "error_message": ""}}
    assert wanted in client.get(MODEL).json()["model_version_status"]
    assert client.get(f"{MODEL}/versions/{version}").json() == {"model_version_status": [wanted]}
    assert client.get(f"{MODEL}/labels/live").json()["model_version_status"][0]["state"] == "AVAILABLE"


def test_metadata_describes_the_signature(client: httpx2.Client, version: int) -> None:
    """For a model, a version and a label: one input of 784 floats, one output of 10."""
    for path in (MODEL, f"{MODEL}/versions/{version}", f"{MODEL}/labels/live"):
        answer = client.get(f"{path}/metadata").json()
        assert answer["model_spec"]["name"] == "digits"
        signature = answer["metadata"]["signature_def"]["signature_def"]["serving_default"]
        assert [dim["size"] for dim in signature["inputs"]["pixels"]["tensor_shape"]["dim"]] == ["-1", "784"]
        assert [dim["size"] for dim in signature["outputs"]["scores"]["tensor_shape"]["dim"]] == ["-1", "10"]


@pytest.mark.usefixtures("version")
@pytest.mark.parametrize(
    ("path", "status", "text"),
    [
        ("/v1/models/nope:predict", 404, "Servable not found for request: Latest(nope)"),
        (f"{MODEL}/versions/999:predict", 404, "Servable not found for request: Specific(digits, 999)"),
        (f"{MODEL}/versions/0x1:predict", 404, "Servable not found for request: Specific(digits, 0x1)"),
        (f"{MODEL}/versions/{'9' * 99}:predict", 404, "Servable not found for request"),
        (f"{MODEL}/labels/nope:predict", 400, "Unrecognized servable version label: nope"),
    ],
)
def test_an_unknown_servable_is_tensorflow_servings_error(
    client: httpx2.Client, rows: Floats, path: str, status: int, text: str
) -> None:
    """It is ``{"error": text}`` with TensorFlow Serving's message and status."""
    answer = client.post(path, json={"instances": rows.tolist()})
    assert answer.status_code == status
    assert answer.json().keys() == {"error"}
    assert text in answer.json()["error"]


def test_the_status_of_an_unknown_servable_is_an_error(client: httpx2.Client) -> None:
    """The status of an unknown model, version or label is an error."""
    for path, status in (("/v1/models/nope", 404), (f"{MODEL}/versions/999", 404), (f"{MODEL}/labels/nope", 400)):
        answer = client.get(path)
        assert answer.status_code == status
        assert answer.json()["error"]


ROW = [0.0] * 784

BAD_BODIES: list[tuple[Any, int]] = [
    ({}, 400),
    ([], 400),
    ("x", 400),
    ({"instances": []}, 400),
    ({"instances": {}}, 400),
    ({"instances": [ROW], "inputs": [ROW]}, 400),
    ({"instances": [ROW], "extra": 1}, 400),
    ({"instances": [ROW], "signature_name": "other"}, 400),
    ({"instances": [ROW], "signature_name": 1}, 400),
    ({"instances": [ROW[:-1]]}, 400),
    ({"instances": [ROW, ROW[:-1]]}, 400),
    ({"instances": [[*ROW[:-1], "1"]]}, 400),
    ({"instances": [[*ROW[:-1], True]]}, 400),
    ({"instances": [[*ROW[:-1], None]]}, 400),
    ({"instances": [[*ROW[:-1], [1]]]}, 400),
    ({"instances": [[*ROW[:-1], 1e300]]}, 400),
    ({"instances": [{"image": ROW, "more": 1}]}, 400),
    ({"instances": [{"b64": "AAAA"}]}, 400),
    ({"instances": [[-0.5, *ROW[1:]]]}, 400),
    ({"instances": [[256, *ROW[1:]]]}, 400),
    ({"instances": [{"pixels": ROW}, ROW]}, 400),
    ({"inputs": {"pixels": [ROW], "more": 1}}, 400),
    ({"instances": [[[0.0] * 28] * 27]}, 400),
    ({"instances": [[0]] * 1025}, 413),
    ({"instances": [[0]] * 10_000}, 413),
]


@pytest.mark.parametrize(("body", "status"), BAD_BODIES, ids=range(len(BAD_BODIES)))
def test_a_wrong_body_is_an_error(client: httpx2.Client, version: int, body: Any, status: int) -> None:
    """It is ``{"error": text}`` with a 400, or with a 413 if it is over a limit."""
    answer = client.post(f"{MODEL}:predict", json=body)
    assert answer.status_code == status, answer.text
    assert answer.json().keys() == {"error"}
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"instances": [[NaN]]}', b"[" * 100_000])
def test_a_body_that_does_not_parse_is_an_error(client: httpx2.Client, version: int, body: bytes) -> None:
    """It is a 400 or 413, never a 500."""
    answer = client.post(f"{MODEL}:predict", content=body)
    assert answer.status_code in {400, 413}
    assert answer.json().keys() == {"error"}
