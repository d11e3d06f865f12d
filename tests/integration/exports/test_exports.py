"""Checkpoints as other libraries read them: each predicts the same, for every activation there is."""

import io
import zipfile
from pathlib import Path
from typing import Any, get_args

import httpx
import numpy as np
import onnxruntime
import pytest
from numpy.typing import NDArray

import naivenet
from service.exports import onnx_file
from tests.servers import finished, start_job

Floats = NDArray[np.float32]

FOREIGN = ("keras", "onnx", "savedmodel")
CLOSE = 1e-5


@pytest.fixture(scope="module")
def rows() -> Floats:
    """Some pictures of noise, one that is black and one that is white."""
    noise = np.random.default_rng(0).random((6, 784), np.float32)
    return np.concatenate([noise, np.zeros((1, 784), np.float32), np.ones((1, 784), np.float32)])


def network_of(activation: str, last: str = "softmax") -> naivenet.NaiveSequential:
    """Two layers with weights that reach both sides of every kink."""
    rng = np.random.default_rng(1)
    shapes = ((784, 32), (32,), (32, 10), (10,))
    W0, b0, W1, b1 = (rng.normal(0, 0.3, shape).astype(np.float32) for shape in shapes)
    layers = [naivenet.NaiveDense.from_weights(W0, b0, activation), naivenet.NaiveDense.from_weights(W1, b1, last)]
    return naivenet.NaiveSequential(layers)


def by_onnx(data: bytes, rows: Floats) -> Floats:
    """What onnxruntime makes of a file."""
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    (scores,) = session.run(["scores"], {"pixels": rows})
    return np.asarray(scores)


def by_keras(data: bytes, rows: Floats, folder: Path) -> Floats:
    """What Keras makes of a file."""
    import keras  # noqa: PLC0415  # five seconds that the other tests need not pay

    path = folder / "network.keras"
    path.write_bytes(data)
    return np.asarray(keras.saving.load_model(path)(rows))


def by_tensorflow(data: bytes, rows: Floats, folder: Path) -> Floats:
    """What TensorFlow makes of a SavedModel's zip."""
    import tensorflow as tf  # noqa: PLC0415  # likewise

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        archive.extractall(folder / "saved")
    signature = tf.saved_model.load(str(folder / "saved")).signatures["serving_default"]
    return np.asarray(signature(pixels=tf.constant(rows))["scores"])


@pytest.mark.parametrize("activation", get_args(naivenet.ActivationName))
def test_onnx_predicts_the_same_for_every_activation(activation: str, rows: Floats) -> None:
    """Hidden and last."""
    for network in (network_of(activation), network_of("relu", activation)):
        data = onnx_file.write(network)
        assert np.allclose(by_onnx(data, rows), network(rows), rtol=CLOSE, atol=CLOSE)
        assert onnx_file.write(network) == data


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # of Keras, by NumPy
@pytest.mark.parametrize("activation", get_args(naivenet.ActivationName))
def test_keras_predicts_the_same_for_every_activation(activation: str, rows: Floats, tmp_path: Path) -> None:
    """Hidden and last, and the same weights give the same bytes."""
    from service.exports import keras_file  # noqa: PLC0415  # it imports TensorFlow

    for network in (network_of(activation), network_of("relu", activation)):
        data = keras_file.write(network)
        assert np.allclose(by_keras(data, rows, tmp_path), network(rows), rtol=CLOSE, atol=CLOSE)
        assert keras_file.write(network) == data


@pytest.mark.parametrize("activation", get_args(naivenet.ActivationName))
def test_a_saved_model_predicts_the_same_for_every_activation(activation: str, rows: Floats, tmp_path: Path) -> None:
    """Hidden and last at once."""
    from service.exports import saved_model  # noqa: PLC0415  # it imports TensorFlow

    network = network_of(activation, activation)
    found = by_tensorflow(saved_model.write(network), rows, tmp_path)
    assert np.allclose(found, network(rows), rtol=CLOSE, atol=CLOSE)


@pytest.fixture(scope="module")
def path(client: httpx.Client) -> str:
    """The weights of a job that started from small weights.

    The notebook's own, from 0 to 0.1, make sums in the hundreds, whose rounding alone is 6e-5 of a probability.
    """
    job = finished(client, start_job(client, preset="accurate", epochs=2))
    return f"/v1/checkpoints/{job['result']['checkpoint_id']}/weights"


@pytest.fixture(scope="module")
def downloads(client: httpx.Client, path: str) -> dict[str, httpx.Response]:
    """The checkpoint in each foreign format."""
    return {form: client.get(path, params={"format": form}) for form in FOREIGN}


def test_each_download_predicts_as_the_weights_do(
    client: httpx.Client, path: str, downloads: dict[str, httpx.Response], tmp_path: Path
) -> None:
    """Through the service, of real digits, from the safetensors that it also gives."""
    rows = naivenet.datasets.load().x_test[:100].reshape(-1, 784) / np.float32(255)
    wanted = naivenet.from_safetensors(client.get(path).content)(rows)
    assert [answer.status_code for answer in downloads.values()] == [200, 200, 200]
    found: list[Any] = [
        by_keras(downloads["keras"].content, rows, tmp_path),
        by_onnx(downloads["onnx"].content, rows),
        by_tensorflow(downloads["savedmodel"].content, rows, tmp_path),
    ]
    assert [float(np.abs(each - wanted).max()) for each in found] == pytest.approx([0, 0, 0], abs=CLOSE)


@pytest.mark.parametrize("form", FOREIGN)
def test_a_download_is_kept(client: httpx.Client, path: str, downloads: dict[str, httpx.Response], form: str) -> None:
    """The second has the first one's bytes and ETag; a client that has them is told so; a part can be asked for."""
    first, again = downloads[form], client.get(path, params={"format": form})
    assert (again.content, again.headers["ETag"]) == (first.content, first.headers["ETag"])
    headers = {"If-None-Match": first.headers["ETag"]}
    assert client.get(path, params={"format": form}, headers=headers).status_code == 304
    assert client.get(path, params={"format": form}, headers={"Range": "bytes=0-9"}).content == first.content[:10]


def test_an_unknown_format_is_refused(client: httpx.Client, path: str) -> None:
    """422, naming those that there are."""
    assert client.get(path, params={"format": "pickle"}).status_code == 422
