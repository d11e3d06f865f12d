"""Uploads in the formats of other libraries: exports come back, and what is no network of dense layers is named."""

import io
import re
from typing import Any, get_args

import h5py
import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

import naivenet
from naivenet.storage.weights_file import WeightsFile
from service.exports import onnx_file
from service.imports import onnx_file as onnx_file_reader
from service.storage.foreign_weights import as_safetensors

ACTIVATIONS = [name for name in get_args(naivenet.ActivationName) if name != "swish"]  # which is silu
DEEP = naivenet.Network.from_dict(
    {"layers": [{"units": 10 if name == ACTIVATIONS[-1] else 3, "activation": name} for name in ACTIVATIONS]}
)
SMALL = naivenet.Network.from_dict(
    {"layers": [{"units": 5, "activation": "relu"}, {"units": 10, "activation": "softmax"}]}
)


def model(of: naivenet.Network) -> naivenet.NaiveSequential:
    """The network with random weights."""
    rng = np.random.default_rng(0)
    return of.with_weights([rng.normal(size=shape).astype(np.float32) for shape in of.shapes(784)])


def hdf5(arrays: dict[str, Any]) -> bytes:
    """An HDF5 file."""
    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        for name, array in arrays.items():
            file[name] = array
    return stream.getvalue()


def read(data: bytes) -> naivenet.NaiveSequential:
    """Read a safetensors file that describes its network."""
    return naivenet.from_safetensors(data)


def same(found: naivenet.NaiveSequential, wanted: naivenet.NaiveSequential) -> bool:
    """Return whether two networks have the same weights."""
    return all(map(np.array_equal, found.weights, wanted.weights))


def converted(data: bytes, network: naivenet.Network | None = None) -> naivenet.NaiveSequential:
    """Read a file as an upload is read: by the import program, and then by the reader of weights."""
    target = io.BytesIO()
    with as_safetensors(io.BytesIO(data)) as file:
        WeightsFile(file, network).copy_to(target)
    return read(target.getvalue())


def test_an_onnx_export_comes_back() -> None:
    """Every activation is recognised, also one of several nodes."""
    found = read(onnx_file_reader.read(onnx_file.write(model(DEEP))))
    assert [layer.activation for layer in naivenet.Network.of(found).layers] == ACTIVATIONS
    assert same(found, model(DEEP))


def test_onnx_as_pytorch_exports_it() -> None:
    """Matrices are turned (``transB``), in half precision, and a node Flatten comes first."""
    W, b = (np.asarray(each).astype(np.float16) for each in model(naivenet.Network.from_dict(LAST)).weights)
    nodes = [
        helper.make_node("Flatten", ["x"], ["flat"]),
        helper.make_node("Gemm", ["flat", "fc.weight", "fc.bias"], ["y"], transB=1, alpha=1.0),
    ]
    weights = [numpy_helper.from_array(np.ascontiguousarray(W.T), "fc.weight"), numpy_helper.from_array(b, "fc.bias")]
    found = read(onnx_file_reader.read(onnx_of(nodes, weights)))
    assert np.array_equal(found.weights[0], W.astype(np.float32))
    assert naivenet.Network.of(found).layers[0].activation == "linear"


LAST = {"layers": [{"units": 10, "activation": "linear"}]}


def onnx_of(nodes: list[Any], weights: list[Any]) -> bytes:
    """An ONNX file of these nodes and weights."""
    graph = helper.make_graph(nodes, "a graph", [], [], initializer=weights)
    data: bytes = helper.make_model(graph, producer_name="pytorch").SerializeToString()
    return data


def external() -> bytes:
    """An ONNX file that claims its weights to be in another file of this machine."""
    W, b = (numpy_helper.from_array(np.zeros(shape, np.float32), name) for name, shape in (("W", (784, 10)), ("b", 10)))
    W.ClearField("raw_data")
    W.data_location = onnx.TensorProto.EXTERNAL
    W.external_data.add(key="location", value="../../etc/hostname")
    return onnx_of([helper.make_node("Gemm", ["x", "W", "b"], ["y"])], [W, b])


def huge() -> bytes:
    """An HDF5 file of a kilobyte that claims an array of four terabytes."""
    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        file.create_dataset("dense/kernel", shape=(1 << 20, 1 << 20), dtype="f4", chunks=(1 << 10, 1 << 10))
    return stream.getvalue()


REFUSED = {
    "a convolution": (onnx_of([helper.make_node("Conv", ["x", "W"], ["y"])], []), "does not begin with a node Gemm"),
    "another slope": (
        onnx_file.write(model(naivenet.Network.from_dict({"layers": [{"units": 10, "activation": "leaky_relu"}]})))
        .replace(np.float32(0.2).tobytes(), np.float32(0.7).tobytes()),
        "no known activation: LeakyRelu",
    ),
    "weights elsewhere": (external(), "are in another file"),
    "a cut-off ONNX file": (onnx_file.write(model(SMALL))[:-9], "this is ONNX, which cannot be read"),
    "a cut-off HDF5 file": (b"\x89HDF\r\n\x1a\n" + bytes(99), "this is HDF5, as Keras writes .weights.h5, "),
    "nothing in HDF5": (hdf5({"a": h5py.Empty("f4")}), "no weights of dense layers"),
    "integers in HDF5": (hdf5({"dense/vars/0": np.zeros((784, 10), int)}), "is of dtype int64"),
    "a huge claim in HDF5": (huge(), "no weights of dense layers"),
    "HDF5 without the network": (hdf5({"dense/vars/0": np.zeros((784, 10), "f4")}), "pass the network"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_network_of_dense_layers_is_refused(what: str) -> None:
    """The error says what the file is, and what is wrong with it."""
    data, message = REFUSED[what]
    with pytest.raises(naivenet.CheckpointError, match=re.escape(message)):
        converted(data)


@pytest.mark.parametrize("keras", [2, 3])
def test_weights_of_keras_are_read_without_it(keras: int) -> None:
    """``.weights.h5`` of Keras 3 numbers its arrays, and ``.h5`` of Keras 2 names them; the optimizer's are skipped."""
    W0, b0, W1, b1 = map(np.asarray, model(SMALL).weights)
    kernel, bias = ("vars/0", "vars/1") if keras == 3 else ("kernel:0", "bias:0")  # the version
    arrays = {f"layers/dense/{kernel}": W0, f"layers/dense/{bias}": b0.astype(">f8")}
    arrays |= {f"layers/dense_1/{kernel}": W1, f"layers/dense_1/{bias}": b1, "optimizer/vars/0": np.array(7)}
    assert same(converted(hdf5(arrays), SMALL), model(SMALL))


def test_a_file_of_our_own_formats_starts_no_process() -> None:
    """Safetensors and npz are read where they are."""
    for data in (naivenet.to_safetensors(model(SMALL)), naivenet.to_npz(model(SMALL))):
        file = io.BytesIO(data)
        with as_safetensors(file) as found:
            assert found is file
