"""Checkpoints in the formats of other libraries: each file predicts what the network predicts."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any, get_args

import httpx2
import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray

import naivenet
from service.exports import onnx_file
from tests.servers import finished, start_job

Floats = NDArray[np.float32]

FORMATS = ("keras", "onnx", "savedmodel")
ACTIVATIONS = get_args(naivenet.ActivationName)

#: The largest difference by rounding: of the service's small network, and of sixteen layers, which amplify it.
TOLERANCE, DEEP_TOLERANCE = 1e-5, 1e-3

#: The deviation of a layer's weighted sums; relu6 needs a larger one to reach its upper kink.
DEVIATIONS = {"relu6": 4.0}


@pytest.fixture(scope="module")
def rows() -> Floats:
    """Images of noise, a black one and a white one."""
    noise = np.random.default_rng(0).random((30, 784), np.float32)
    return np.concatenate([noise, np.zeros((1, 784), np.float32), np.ones((1, 784), np.float32)])


def layers_of_all_activations(rows: Floats) -> list[naivenet.NaiveDense]:
    """Build sixteen layers, one for each activation.

    The weights give every weighted sum a mean of 0 and a deviation of 1 over *rows*, so that both sides of each kink
    are reached in each layer.
    """
    rng, layers, inputs = np.random.default_rng(1), list[naivenet.NaiveDense](), rows
    for number, activation in enumerate(ACTIVATIONS):
        units = 10 if number == len(ACTIVATIONS) - 1 else 24
        W = rng.normal(0, 1, (inputs.shape[1], units))
        W *= DEVIATIONS.get(activation, 1.0) / (inputs @ W).std(axis=0)
        b = -(inputs @ W).mean(axis=0)
        layers.append(naivenet.NaiveDense.from_weights(W.astype(np.float32), b.astype(np.float32), activation))
        inputs = np.asarray(layers[-1](inputs))
    return layers


@pytest.fixture(scope="module")
def network(rows: Floats) -> naivenet.NaiveSequential:
    """The network of sixteen layers."""
    return naivenet.NaiveSequential(layers_of_all_activations(rows))


def by_onnx(data: bytes, rows: Floats) -> Floats:
    """Predict with onnxruntime."""
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    (scores,) = session.run(["scores"], {"pixels": rows})
    return np.asarray(scores)


def by_keras(data: bytes, rows: Floats, folder: Path) -> Floats:
    """Predict with Keras."""
    import keras  # noqa: PLC0415  # takes five seconds, which the other tests need not pay

    path = folder / "network.keras"
    path.write_bytes(data)
    return np.asarray(keras.saving.load_model(path)(rows))


def by_tensorflow(data: bytes, rows: Floats, folder: Path) -> Floats:
    """Predict with TensorFlow from the zip of a SavedModel."""
    import tensorflow as tf  # noqa: PLC0415  # likewise

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        archive.extractall(folder / "saved")
    signature = tf.saved_model.load(str(folder / "saved")).signatures["serving_default"]
    return np.asarray(signature(pixels=tf.constant(rows))["scores"])


def assert_close(found: Floats, expected: Any) -> None:
    """Check that the predictions of the deep network are equal up to rounding."""
    assert np.abs(found - expected).max() < DEEP_TOLERANCE


@pytest.mark.parametrize("number", range(len(ACTIVATIONS)), ids=ACTIVATIONS)
def test_every_activation_matters_to_the_prediction(rows: Floats, number: int) -> None:
    """The network of the tests below shows a wrong activation in any layer: another one changes its predictions."""
    layers = layers_of_all_activations(rows)
    expected = naivenet.NaiveSequential(layers)(rows)
    layer = layers[number]
    other = "softsign" if ACTIVATIONS[number] == "linear" else "linear"
    layers[number] = naivenet.NaiveDense.from_weights(layer.W, layer.b, other)
    assert np.abs(naivenet.NaiveSequential(layers)(rows) - expected).max() > 1000 * DEEP_TOLERANCE


def test_onnx_predicts_the_same_with_every_activation(network: naivenet.NaiveSequential, rows: Floats) -> None:
    """The ONNX runtime predicts what the network predicts, and the same weights give the same bytes."""
    data = onnx_file.write(network)
    assert_close(by_onnx(data, rows), network(rows))
    assert onnx_file.write(network) == data


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # of Keras, by NumPy
def test_keras_predicts_the_same_with_every_activation(
    network: naivenet.NaiveSequential, rows: Floats, tmp_path: Path
) -> None:
    """Keras predicts what the network predicts, and the same weights give the same bytes."""
    from service.exports import keras_file  # noqa: PLC0415  # it imports TensorFlow

    data = keras_file.write(network)
    assert_close(by_keras(data, rows, tmp_path), network(rows))
    assert keras_file.write(network) == data


def test_a_saved_model_predicts_the_same_with_every_activation(
    network: naivenet.NaiveSequential, rows: Floats, tmp_path: Path
) -> None:
    """TensorFlow predicts what the network predicts."""
    from service.exports import saved_model  # noqa: PLC0415  # it imports TensorFlow

    assert_close(by_tensorflow(saved_model.write(network), rows, tmp_path), network(rows))


#: Every key of the parts of a model that Keras 3.3.0 reads (``get_config`` and ``__init__`` of that version).
KEYS_OF_KERAS_3_3 = {
    "Sequential": {"name", "trainable", "dtype", "layers", "build_input_shape"},
    "InputLayer": {"batch_shape", "dtype", "sparse", "name"},
    "Dense": {
        "name", "trainable", "dtype", "units", "activation", "use_bias", "kernel_initializer", "bias_initializer",
        "kernel_regularizer", "bias_regularizer", "activity_regularizer", "kernel_constraint", "bias_constraint",
    },
    "UnitNormalization": {"name", "trainable", "dtype", "axis"},
}  # fmt: skip
KEYS_OF_A_PART = {"module", "class_name", "config", "registered_name", "build_config", "compile_config"}


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # of Keras, by NumPy
def test_the_keras_file_is_for_keras_3_3_and_compiled(
    network: naivenet.NaiveSequential, rows: Floats, tmp_path: Path
) -> None:
    """It has only keys that Keras 3.3 knows, so no address in memory, and the loaded model can be evaluated."""
    import keras  # noqa: PLC0415  # it imports TensorFlow

    from service.exports import keras_file  # noqa: PLC0415  # likewise

    (tmp_path / "a.keras").write_bytes(keras_file.write(network))
    model = json.loads(zipfile.ZipFile(tmp_path / "a.keras").read("config.json"))
    for part in (model, *model["config"]["layers"]):
        assert part.keys() <= KEYS_OF_A_PART
        assert part["config"].keys() <= KEYS_OF_KERAS_3_3[part["class_name"]]
    digits = network(rows).argmax(axis=1)
    _, accuracy = keras.saving.load_model(tmp_path / "a.keras").evaluate(rows, digits, verbose=0)
    assert accuracy == 1


def test_onnx_needs_no_new_runtime_and_names_its_source(network: naivenet.NaiveSequential) -> None:
    """Opset 13 and IR 8, which runtimes of 2021 read; the metadata has producer, checkpoint and range of the input."""
    written = onnx.load_from_string(onnx_file.write(network, checkpoint_id="ckpt_1"))
    assert ([each.version for each in written.opset_import], written.ir_version) == ([13], 8)
    assert written.producer_name == "naivenet"
    metadata = {each.key: each.value for each in written.metadata_props}
    assert metadata["checkpoint_id"] == "ckpt_1"
    assert metadata["input_range"].startswith("0 to 1")


@pytest.fixture(scope="module")
def path(client: httpx2.Client) -> str:
    """The path of the weights of a job that started from small weights.

    The notebook's own initial weights, from 0 to 0.1, give sums in the hundreds; their rounding alone changes a
    probability by 6e-5.
    """
    job = finished(client, start_job(client, preset="accurate", epochs=1))
    return f"/v1/checkpoints/{job['result']['checkpoint_id']}/weights"


@pytest.fixture(scope="module")
def downloads(client: httpx2.Client, path: str) -> dict[str, httpx2.Response]:
    """The checkpoint in each format."""
    return {form: client.get(path, params={"format": form}) for form in FORMATS}


def test_each_download_predicts_as_the_weights_do(
    client: httpx2.Client, path: str, downloads: dict[str, httpx2.Response], tmp_path: Path
) -> None:
    """The three files of the service predict real digits as its safetensors file does."""
    rows = naivenet.datasets.load().x_test[:100].reshape(-1, 784) / np.float32(255)
    expected = naivenet.from_safetensors(client.get(path).content)(rows)
    assert [response.status_code for response in downloads.values()] == [200, 200, 200]
    found: list[Any] = [
        by_keras(downloads["keras"].content, rows, tmp_path),
        by_onnx(downloads["onnx"].content, rows),
        by_tensorflow(downloads["savedmodel"].content, rows, tmp_path),
    ]
    assert [float(np.abs(each - expected).max()) for each in found] == pytest.approx([0, 0, 0], abs=TOLERANCE)


@pytest.mark.parametrize("form", FORMATS)
def test_an_export_is_kept(client: httpx2.Client, path: str, downloads: dict[str, httpx2.Response], form: str) -> None:
    """A second download has the same bytes and ETag; conditional requests and ranges work."""
    first, again = downloads[form], client.get(path, params={"format": form})
    assert (again.content, again.headers["ETag"]) == (first.content, first.headers["ETag"])
    headers = {"If-None-Match": first.headers["ETag"]}
    assert client.get(path, params={"format": form}, headers=headers).status_code == 304
    assert client.get(path, params={"format": form}, headers={"Range": "bytes=0-9"}).content == first.content[:10]


def test_an_export_can_be_uploaded(client: httpx2.Client, path: str, downloads: dict[str, httpx2.Response]) -> None:
    """The Keras and the ONNX file describe their network, and the weights inside the Keras file need it beside them."""
    whole = client.get(path).content
    with zipfile.ZipFile(io.BytesIO(downloads["keras"].content)) as archive:
        inside = archive.read("model.weights.h5")
    layers = {"network": json.dumps(naivenet.Network.of(naivenet.from_safetensors(whole)).to_dict())}
    for data, fields in ((downloads["keras"].content, {}), (downloads["onnx"].content, {}), (inside, layers)):
        answer = client.post("/v1/checkpoints", files={"weights": data}, data=fields)
        assert answer.status_code == 201, answer.text
        again = client.get(f"/v1/checkpoints/{answer.json()['id']}/weights").content
        assert all(map(np.array_equal, *(naivenet.from_safetensors(each).weights for each in (whole, again))))
    problem = client.post("/v1/checkpoints", files={"weights": downloads["savedmodel"].content}, data=layers).json()
    assert "it is a SavedModel" in problem["detail"]


def test_an_unknown_format_is_rejected(client: httpx2.Client, path: str) -> None:
    """The status is 422."""
    assert client.get(path, params={"format": "pickle"}).status_code == 422
