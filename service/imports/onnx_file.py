"""Reads an ONNX file of dense layers, such as our own export or one of PyTorch."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import onnx
import safetensors.numpy
from google.protobuf.message import DecodeError
from numpy.typing import NDArray
from onnx import numpy_helper

import naivenet
from naivenet.errors import CheckpointError, NaivenetError
from naivenet.storage.checkpoint import description
from service.exports.onnx_file import ACTIVATIONS

#: Nodes that do nothing to a row of numbers.
_WITHOUT_EFFECT = frozenset({"Flatten", "Reshape", "Constant", "Dropout"})

#: How far an attribute, such as a slope, may differ from ours.
_TOLERANCE = 1e-5


def read(data: bytes) -> bytes:
    """Return the weights as safetensors, with the description of their network.

    Raises:
        CheckpointError: The file is damaged, or has other layers than dense ones.
    """
    try:
        graph = onnx.load_from_string(data).graph
        weights = {each.name: each for each in graph.initializer}
        layers, arrays = list[dict[str, object]](), dict[str, NDArray[np.float32]]()
        for number, (gemm, activation) in enumerate(_layers(graph.node)):
            W, b = _weights_of(gemm, weights)
            arrays |= {f"layers.{number}.W": W, f"layers.{number}.b": b}
            layers.append({"units": len(b), "activation": activation})
        network = naivenet.Network.from_dict({"layers": layers})
    except (DecodeError, NaivenetError, ValueError, TypeError) as error:
        reason = error if isinstance(error, NaivenetError) else f"the ONNX file is damaged: {error}"
        raise CheckpointError(str(reason)) from None
    return safetensors.numpy.save(arrays, metadata=description(network, arrays["layers.0.W"].shape[0]))


def _layers(nodes: Sequence[onnx.NodeProto]) -> Iterator[tuple[onnx.NodeProto, str]]:
    """Yield each matrix product, and the name of the activation after it."""
    kept = [node for node in nodes if node.op_type not in _WITHOUT_EFFECT]
    starts = [number for number, node in enumerate(kept) if node.op_type == "Gemm"]
    if not starts or starts[0] != 0:
        raise CheckpointError("the ONNX file is no chain of dense layers: it does not begin with a node Gemm")
    for start, end in zip(starts, [*starts[1:], len(kept)], strict=True):
        yield kept[start], _activation(kept[start + 1 : end])


def _activation(nodes: Sequence[onnx.NodeProto]) -> str:
    if not nodes:
        return "linear"
    for name, operation in ACTIVATIONS.items():
        own = operation("x", "y")
        if len(own) == len(nodes) and all(map(_is_equal, own, nodes)):
            return name
    raise CheckpointError(f"the ONNX file has no known activation: {', '.join(node.op_type for node in nodes)}")


def _is_equal(own: onnx.NodeProto, node: onnx.NodeProto) -> bool:
    """Return whether nodes have one type and, where ours has numbers such as a slope, the same ones."""
    given = {each.name: each.f for each in node.attribute}
    numbers = {each.name: each.f for each in own.attribute if each.type == onnx.AttributeProto.FLOAT}
    same = all(abs(given.get(name, np.inf) - value) < _TOLERANCE for name, value in numbers.items())
    return own.op_type == node.op_type and same


def _weights_of(
    gemm: onnx.NodeProto, weights: Mapping[str, onnx.TensorProto]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return W as (inputs, outputs), and b."""
    scales = {each.name: each.f for each in gemm.attribute if each.name in {"alpha", "beta"}}
    turned = {each.name: each.i for each in gemm.attribute if each.name in {"transA", "transB"}}
    if turned.get("transA") or any(scale != 1 for scale in scales.values()) or len(gemm.input) != 3:  # noqa: PLR2004  # x, W, b
        raise CheckpointError("the ONNX file has a node Gemm that is no plain dense layer with a bias")
    W, b = (_array(weights, name) for name in gemm.input[1:])
    if W.ndim != 2 or b.ndim != 1:  # noqa: PLR2004  # a matrix
        raise CheckpointError("the ONNX file has a node Gemm whose weights are no matrix and no row")
    return np.ascontiguousarray(W.T if turned.get("transB") else W), b


def _array(weights: Mapping[str, onnx.TensorProto], name: str) -> NDArray[np.float32]:
    if name not in weights:
        raise CheckpointError(f"the ONNX file has no weights {name[:40]!r}")
    tensor = weights[name]
    if tensor.data_location == onnx.TensorProto.EXTERNAL:  # a path that the file chooses is never opened
        raise CheckpointError(f"the weights {name[:40]!r} are in another file; write the ONNX file as one")
    array = numpy_helper.to_array(tensor)
    if array.dtype.kind != "f":
        raise CheckpointError(f"{name[:40]} is of dtype {array.dtype}, but only floats are read")
    with np.errstate(over="ignore"):  # a number too large for float32 becomes infinite, and is refused later
        return np.ascontiguousarray(array, np.float32)
