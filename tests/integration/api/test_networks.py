"""The weights of a network for a picture of it, and the outputs of its layers."""

import base64

import httpx2
import numpy as np
import pytest
from safetensors.numpy import load

from tests.conftest import StartServer
from tests.servers import Json, finished, start_job, training, until

PIXELS = {"pixels": [[0] * 13 + [255 if 4 <= row < 24 else 0] * 3 + [0] * 12 for row in range(28)]}


@pytest.fixture
def arrays(client: httpx2.Client, trained: Json) -> dict[str, np.ndarray]:
    """The weights of the trained job, as its safetensors file has them."""
    return load(client.get(f"/v1/checkpoints/{trained['result']['checkpoint_id']}/weights").content)


def paths(trained: Json) -> tuple[str, str]:
    """The network of the trained job, and of its checkpoint."""
    return f"/v1/jobs/{trained['id']}/network", f"/v1/checkpoints/{trained['result']['checkpoint_id']}/network"


def test_the_weights_are_those_of_the_safetensors_file(
    client: httpx2.Client, trained: Json, arrays: dict[str, np.ndarray]
) -> None:
    """Job and checkpoint have the same layers and pictures, with the weights of the file to four digits."""
    by_job, by_checkpoint = (client.get(path, params={"most": 7, "pictures": True}).json() for path in paths(trained))
    assert by_job["layers"] == by_checkpoint["layers"]
    assert by_job["pictures"] == by_checkpoint["pictures"]
    assert (by_job["job_id"], by_job["step"]) == (trained["id"], trained["progress"]["step"])
    assert by_checkpoint["checkpoint_id"] == by_job["checkpoint_id"] == trained["result"]["checkpoint_id"]
    first, last = by_job["layers"]
    assert [first["units"], last["units"]] == [each["units"] for each in trained["network"]["layers"]]
    np.testing.assert_allclose(first["biases"], arrays["layers.0.b"][first["shown"]], rtol=1e-3)
    wanted = arrays["layers.1.W"][np.ix_(first["shown"], last["shown"])]
    np.testing.assert_allclose(last["weights"], wanted, rtol=1e-3)
    for unit, picture in zip(first["shown"], by_job["pictures"], strict=True):
        found = np.frombuffer(base64.b64decode(picture["data"]), np.int8) * picture["scale"]
        np.testing.assert_allclose(found, arrays["layers.0.W"][:, unit], atol=0.51 * picture["scale"])


def test_one_unit_has_all_its_weights(client: httpx2.Client, trained: Json, arrays: dict[str, np.ndarray]) -> None:
    """Of the first layer from each pixel, of another one from each unit below."""
    for path in paths(trained):
        for layer in (0, 1):
            found = client.get(f"{path}/{layer}/3").json()
            np.testing.assert_allclose(found["weights"], arrays[f"layers.{layer}.W"][:, 3], rtol=1e-3)
            assert found["bias"] == pytest.approx(float(arrays[f"layers.{layer}.b"][3]), rel=1e-3)


def test_an_unchanged_network_is_a_304(client: httpx2.Client, trained: Json) -> None:
    """Polling costs no body until the weights change."""
    for path in paths(trained):
        for asked in (path, f"{path}/0/0"):
            etag = client.get(asked).headers["etag"]
            again = client.get(asked, headers={"If-None-Match": etag})
            assert (again.status_code, again.content) == (304, b"")


def test_a_running_job_shows_its_newest_weights(client: httpx2.Client) -> None:
    """They come before its first checkpoint, and change while it trains."""
    job_id = start_job(client, epochs=1000, checkpoint_every_epochs=1000)
    training(client, job_id)
    first = client.get(f"/v1/jobs/{job_id}/network").json()
    assert first["checkpoint_id"] is None

    def is_newer() -> Json | None:
        latest: Json = client.get(f"/v1/jobs/{job_id}/network").json()
        return latest if latest["step"] > first["step"] else None

    newer = until(is_newer, what="newer weights")
    assert newer["layers"][1]["weights"] != first["layers"][1]["weights"]
    client.post(f"/v1/jobs/{job_id}/cancel")
    finished(client, job_id)


def test_a_queued_job_has_no_weights_yet(start_server: StartServer) -> None:
    """The response is a 409 that says so, as of a prediction."""
    server = start_server(trainer=False)
    with server.client() as client:
        answer = client.get(f"/v1/jobs/{start_job(client)}/network")
    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_to_serve")


@pytest.mark.parametrize("end", ["/0/9999", "/2/0", "/9/9"])
def test_an_unknown_unit_is_not_found(client: httpx2.Client, trained: Json, end: str) -> None:
    """Nor is an unknown job or checkpoint."""
    assert [client.get(path + end).status_code for path in paths(trained)] == [404, 404]
    assert client.get(f"/v1/jobs/job_none/network{end}").status_code == 404
    assert client.get("/v1/checkpoints/ckpt_none/network").status_code == 404


def test_a_prediction_returns_the_outputs_of_each_layer(
    client: httpx2.Client, trained: Json, arrays: dict[str, np.ndarray]
) -> None:
    """By every route, beside the saliency map, and the last layer has the probabilities."""
    asked = {"checkpoint": trained["result"]["checkpoint_id"], "explain": "activations,saliency"}
    answer = client.post("/v1/predict", params=asked, json=PIXELS).json()
    hidden, last = answer["activations"]
    sums = np.reshape(PIXELS["pixels"], 784) / 255 @ arrays["layers.0.W"] + arrays["layers.0.b"]
    np.testing.assert_allclose(hidden, np.maximum(sums, 0), rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(last, answer["probabilities"], rtol=1e-3, atol=1e-6)
    assert np.shape(answer["saliency"]) == (28, 28)
    by_job = client.post(f"/v1/jobs/{trained['id']}/predict?explain=activations", json=PIXELS).json()
    assert by_job["activations"] == answer["activations"]
    assert "saliency" not in by_job


def test_explanations_can_be_repeated(client: httpx2.Client, trained: Json) -> None:
    """Repeating the parameter is the same as a comma; a batch has them for each instance."""
    answer = client.post(
        "/v1/predict?explain=saliency&explain=activations", json={"instances": [PIXELS, PIXELS]}
    ).json()
    assert all({"saliency", "activations"} <= each.keys() for each in answer["predictions"])
