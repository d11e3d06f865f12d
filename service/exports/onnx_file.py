"""Writes a network as an ONNX file. Neither writing nor running the file needs TensorFlow."""

from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

import naivenet

#: The lowest versions in which Softmax and ReduceSum are as they are used here; runtimes support them since 2021.
OPSET, IR_VERSION = 13, 8

#: What the file says about its input.
INPUT_RANGE = "0 to 1: grey levels divided by 255, light ink on dark paper"

Nodes = list[onnx.NodeProto]

Operation = Callable[[str, str], Nodes]
"""Takes the names of an input tensor x and an output tensor y, and returns the nodes that compute y from x."""


def write(model: naivenet.NaiveSequential, *, checkpoint_id: str = "") -> bytes:
    """Return the network as one graph: ``pixels`` (n, 784) -> ``scores`` (n, 10); the same weights, the same bytes.

    Its metadata names the *checkpoint_id*, if there is one, and the range of the input.
    """
    nodes = _layers(model)
    used = {name for node in nodes for name in node.input}
    constants = {name: array for name, array in {**_weights(model), **CONSTANTS}.items() if name in used}
    graph = helper.make_graph(
        nodes,
        "naivenet",
        [helper.make_tensor_value_info("pixels", onnx.TensorProto.FLOAT, ["n", model.input_size])],
        [helper.make_tensor_value_info("scores", onnx.TensorProto.FLOAT, ["n", model.output_size])],
        initializer=[numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    opset = helper.make_opsetid("", OPSET)
    written = helper.make_model(
        graph,
        opset_imports=[opset],
        ir_version=IR_VERSION,
        producer_name="naivenet",
        producer_version=version("naivenet"),
    )
    metadata = {"input_range": INPUT_RANGE} | ({"checkpoint_id": checkpoint_id} if checkpoint_id else {})
    helper.set_model_props(written, metadata)
    onnx.checker.check_model(written)
    data: bytes = written.SerializeToString(deterministic=True)
    return data


def _layers(model: naivenet.NaiveSequential) -> Nodes:
    """Return the nodes of all layers: layer n reads ``layer_{n - 1}`` and writes ``layer_n``."""
    last = len(model.layers) - 1
    nodes: Nodes = []
    for number, layer in enumerate(naivenet.Network.of(model).layers):
        x = "pixels" if number == 0 else f"layer_{number - 1}"
        y = "scores" if number == last else f"layer_{number}"
        weighted_sum = f"sum_{number}"
        nodes.append(_node("Gemm", [x, f"W{number}", f"b{number}"], weighted_sum))
        nodes += ACTIVATIONS[layer.activation](weighted_sum, y)
    return nodes


def _weights(model: naivenet.NaiveSequential) -> dict[str, NDArray[Any]]:
    """Return the weights by the names that the nodes use."""
    arrays = (layer.weights for layer in model.layers)
    return {
        f"{name}{number}": array for number, pair in enumerate(arrays) for name, array in zip("Wb", pair, strict=True)
    }


def _node(operator: str, inputs: Sequence[str], output: str, **attributes: Any) -> onnx.NodeProto:
    return helper.make_node(operator, inputs, [output], **attributes)


def _single(operator: str, **attributes: Any) -> Operation:
    """Return an operation of a single node."""
    return lambda x, y: [_node(operator, [x], y, **attributes)]


def _relu6(x: str, y: str) -> Nodes:
    """Y = min(max(x, 0), 6)."""
    return [_node("Clip", [x, "zero", "six"], y)]


def _silu(x: str, y: str) -> Nodes:
    """Y = x * sigmoid(x)."""
    sigmoid = f"{y}_0"
    return [_node("Sigmoid", [x], sigmoid), _node("Mul", [x, sigmoid], y)]


def _gelu(x: str, y: str) -> Nodes:
    """Y = x * (erf(x / sqrt(2)) + 1) / 2; a node Gelu exists only since opset 20."""
    scaled, error, shifted, doubled = (f"{y}_{number}" for number in range(4))
    return [
        _node("Div", [x, "square_root_of_two"], scaled),
        _node("Erf", [scaled], error),
        _node("Add", [error, "one"], shifted),
        _node("Mul", [x, shifted], doubled),
        _node("Mul", [doubled, "half"], y),
    ]


def _l2_normalize(x: str, y: str) -> Nodes:
    """Y = x / sqrt(max(sum(x ** 2), 1e-12))."""
    squares, square_sum, bounded, length = (f"{y}_{number}" for number in range(4))
    return [
        _node("Mul", [x, x], squares),
        _node("ReduceSum", [squares, "last_axis"], square_sum),
        _node("Max", [square_sum, "tiny"], bounded),
        _node("Sqrt", [bounded], length),
        _node("Div", [x, length], y),
    ]


CONSTANTS: Mapping[str, NDArray[Any]] = {
    "zero": np.array(0, np.float32),
    "half": np.array(0.5, np.float32),
    "one": np.array(1, np.float32),
    "square_root_of_two": np.array(2**0.5, np.float32),
    "six": np.array(6, np.float32),
    "tiny": np.array(1e-12, np.float32),
    "last_axis": np.array([-1], np.int64),
}

ACTIVATIONS: Mapping[str, Operation] = {
    "elu": _single("Elu", alpha=1.0),
    "gelu": _gelu,
    "l2_normalize": _l2_normalize,
    "leaky_relu": _single("LeakyRelu", alpha=0.2),
    "linear": _single("Identity"),
    "log_softmax": _single("LogSoftmax", axis=-1),
    "relu": _single("Relu"),
    "relu6": _relu6,
    "selu": _single("Selu", alpha=1.6732632423543772, gamma=1.0507009873554805),
    "sigmoid": _single("Sigmoid"),
    "silu": _silu,
    "softmax": _single("Softmax", axis=-1),
    "softplus": _single("Softplus"),
    "softsign": _single("Softsign"),
    "swish": _silu,
    "tanh": _single("Tanh"),
}
"""Every activation of naivenet, in ONNX."""
