"""A network as an ONNX file: no TensorFlow is needed to write it, nor to run it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

import naivenet

#: Gelu came with 20; runtimes of 2024 and later know both.
OPSET, IR_VERSION = 20, 10

Nodes = list[onnx.NodeProto]
Rule = Callable[[str, str], Nodes]
"""From the names of a tensor and of the one to be made of it to the nodes between."""


def write(model: naivenet.NaiveSequential) -> bytes:
    """The network as one graph: ``pixels`` (n, 784) -> ``scores`` (n, 10); the same weights give the same bytes."""
    nodes: Nodes = []
    weights: list[onnx.TensorProto] = []
    names = ["pixels", *(f"layer_{number}" for number in range(len(model.layers) - 1)), "scores"]
    for number, (layer, described) in enumerate(zip(model.layers, model.network.layers, strict=True)):
        W, b, total = f"W{number}", f"b{number}", f"sum_{number}"
        weights += [numpy_helper.from_array(array, name) for array, name in zip(layer.weights, (W, b), strict=True)]
        nodes.append(helper.make_node("Gemm", [names[number], W, b], [total]))
        nodes += RULES[described.activation](total, names[number + 1])
    used = {name for node in nodes for name in node.input}
    constants = [numpy_helper.from_array(array, name) for name, array in CONSTANTS.items() if name in used]
    graph = helper.make_graph(
        nodes,
        "naivenet",
        [helper.make_tensor_value_info("pixels", onnx.TensorProto.FLOAT, ["n", model.input_size])],
        [helper.make_tensor_value_info("scores", onnx.TensorProto.FLOAT, ["n", model.output_size])],
        initializer=[*weights, *constants],
    )
    opset = helper.make_opsetid("", OPSET)
    written = helper.make_model(graph, opset_imports=[opset], ir_version=IR_VERSION, producer_name="naivenet")
    onnx.checker.check_model(written)
    data: bytes = written.SerializeToString(deterministic=True)
    return data


def _one(operator: str, **attributes: Any) -> Rule:
    return lambda given, made: [helper.make_node(operator, [given], [made], **attributes)]


def _chain(*steps: tuple[str, Sequence[str]]) -> Rule:
    """Steps of an operator and its inputs: ``x`` is the given tensor, ``-`` what the step before made."""

    def nodes(given: str, made: str) -> Nodes:
        ends = [f"{made}_{number}" for number in range(len(steps) - 1)] + [made]
        named = [{"x": given, "-": before} for before in ["", *ends]]
        return [
            helper.make_node(operator, [names.get(each, each) for each in inputs], [end])
            for (operator, inputs), names, end in zip(steps, named, ends, strict=False)
        ]

    return nodes


CONSTANTS: Mapping[str, NDArray[Any]] = {
    "zero": np.array(0, np.float32),
    "six": np.array(6, np.float32),
    "tiny": np.array(1e-12, np.float32),
    "last_axis": np.array([-1], np.int64),
}

_SILU = _chain(("Sigmoid", ["x"]), ("Mul", ["x", "-"]))

RULES: Mapping[str, Rule] = {
    "elu": _one("Elu", alpha=1.0),
    "gelu": _one("Gelu"),
    "l2_normalize": _chain(
        ("ReduceSumSquare", ["x", "last_axis"]), ("Max", ["-", "tiny"]), ("Sqrt", ["-"]), ("Div", ["x", "-"])
    ),
    "leaky_relu": _one("LeakyRelu", alpha=0.2),
    "linear": _one("Identity"),
    "log_softmax": _one("LogSoftmax", axis=-1),
    "relu": _one("Relu"),
    "relu6": _chain(("Clip", ["x", "zero", "six"])),
    "selu": _one("Selu", alpha=1.6732632423543772, gamma=1.0507009873554805),
    "sigmoid": _one("Sigmoid"),
    "silu": _SILU,
    "softmax": _one("Softmax", axis=-1),
    "softplus": _one("Softplus"),
    "softsign": _one("Softsign"),
    "swish": _SILU,
    "tanh": _one("Tanh"),
}
"""Every activation of the library, in ONNX."""
