"""Checkpoints: weights are written and read back, and files that do not fit are refused."""

import json
import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest
import safetensors.numpy

from naivenet import (
    CheckpointError,
    NaiveDense,
    NaiveSequential,
    Network,
    ParameterError,
    Position,
    from_safetensors,
    load_weights,
    read_metadata,
    read_weights,
    to_npz,
    to_safetensors,
    to_state,
)
from tests.unit.naivenet.small import MODEL, NETWORK, WEIGHTS, same

SAVE_AGAIN = """
import hashlib, numpy as np
from naivenet import Layer, Network, to_npz, to_safetensors
network = Network(layers=(Layer(units=8, activation="relu"), Layer(units=10, activation="softmax")))
weights = [np.random.default_rng(0).random(shape, dtype=np.float32) for shape in network.shapes(784)]
model = network.with_weights(weights)
both = to_safetensors(model, metadata={"b": "2", "a": "1"}) + to_npz(model)
print(hashlib.sha256(both).hexdigest())
"""


def header(data: bytes) -> bytes:
    """Return the first bytes of a safetensors file, with the length of its header."""
    return len(data).to_bytes(8, "little")


def tensors() -> dict[str, np.ndarray]:
    """Return the right arrays by their names in a safetensors file."""
    names = ("layers.0.W", "layers.0.b", "layers.1.W", "layers.1.b")
    return dict(zip(names, WEIGHTS, strict=True))


def test_safetensors_comes_back() -> None:
    """Weights and description are read back, from networks on variables and on arrays."""
    loaded = from_safetensors(to_safetensors(MODEL))
    assert same(loaded)
    assert Network.of(loaded) == NETWORK
    built = NETWORK.build(784, seed=1)
    assert same(from_safetensors(to_safetensors(built)), [weight.numpy() for weight in built.weights])


def test_safetensors_is_what_others_read() -> None:
    """The safetensors library reads the arrays by their names, and the description as metadata."""
    data = to_safetensors(MODEL, metadata={"job": "job_1"})
    assert {name: array.shape for name, array in safetensors.numpy.load(data).items()} == {
        name: array.shape for name, array in tensors().items()
    }
    metadata = read_metadata(data)
    assert (metadata["format"], metadata["version"], metadata["input_size"]) == ("naivenet", "1", "784")
    assert json.loads(metadata["network"]) == NETWORK.to_dict()
    assert metadata["job"] == "job_1"


def test_the_same_weights_are_the_same_bytes_in_any_process() -> None:
    """The same weights and metadata give identical files, in another process and at another time."""
    digests = {
        subprocess.run([sys.executable, "-c", SAVE_AGAIN], check=True, capture_output=True).stdout for _ in range(4)
    }
    assert len(digests) == 1


def test_either_kind_is_told_by_its_first_bytes() -> None:
    """`read_weights` reads both formats; only a safetensors file can describe its network."""
    assert same(read_weights(to_safetensors(MODEL), NETWORK))
    assert same(read_weights(to_safetensors(MODEL)))
    assert same(read_weights(safetensors.numpy.save(tensors()), NETWORK))
    assert same(read_weights(to_npz(MODEL), NETWORK))
    with pytest.raises(CheckpointError, match="does not describe its network"):
        read_weights(to_npz(MODEL))


def test_weights_are_assigned_to_variables() -> None:
    """`load_weights` assigns the weights of a file to a network on TensorFlow variables."""
    model = NETWORK.build(784, seed=1)
    load_weights(model, from_safetensors(to_safetensors(MODEL)))
    assert same(model.numpy())
    load_weights(model, [weight * 2 for weight in WEIGHTS])
    assert same(model.numpy(), [weight * 2 for weight in WEIGHTS])


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (WEIGHTS[:2], "has 4 weights, but 2 were given"),
        ([*WEIGHTS[:3], WEIGHTS[3][:9]], r"layers.1.b has shape \(9,\), but the network needs \(10,\)"),
        ([WEIGHTS[0].astype("f8"), *WEIGHTS[1:]], "layers.0.W is of dtype float64, but only float32"),
    ],
    ids=["too-few", "shape", "dtype"],
)
def test_weights_that_do_not_fit_are_not_assigned(weights: list[np.ndarray], message: str) -> None:
    """All weights are checked before the first one is assigned."""
    model = NETWORK.build(784, seed=1)
    before = [weight.numpy() for weight in model.weights]
    with pytest.raises(CheckpointError, match=message):
        load_weights(model, weights)
    assert same(model.numpy(), before)


def test_weights_that_are_not_finite_come_back() -> None:
    """Weights with NaN and infinity, from a failed run, can be saved and read."""
    broken = NETWORK.with_weights([np.full_like(weight, np.nan) for weight in WEIGHTS])
    assert same(from_safetensors(to_safetensors(broken)), broken.weights)


def test_metadata_too_large_is_not_written() -> None:
    """Metadata over the limit for reading is not written."""
    with pytest.raises(CheckpointError, match="metadata take"):
        to_safetensors(MODEL, metadata={"note": "x" * 1_000_000})


def test_a_network_that_cannot_be_described_is_not_written() -> None:
    """A network with an unnamed activation cannot be saved."""
    with pytest.raises(ParameterError, match="layer 0 cannot be described"):
        to_safetensors(NaiveSequential([NaiveDense(4, 3, lambda x: x)]))


GOOD = to_safetensors(MODEL)
DEEP = b"[" * 100_000 + b"]" * 100_000


def relabelled(**metadata: str) -> Callable[[], bytes]:
    """Return a file with the right arrays and other metadata."""
    right = read_metadata(GOOD)
    return lambda: safetensors.numpy.save(tensors(), metadata=right | metadata)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: b"", "has only 0 bytes"),
        (lambda: b"\x00" * 8, "is not JSON"),
        (lambda: (100_000_000).to_bytes(8, "little") + b" " * 100, "claims 100000000 bytes, but may have 1000000"),
        (lambda: b"\x89PNG\r\n\x1a\n" + b" " * 100, "this is not a safetensors file, but a picture"),
        (lambda: GOOD[:100], "cut off: its header has"),
        (lambda: GOOD[:-1], "damaged or cut off"),
        (lambda: GOOD + b"x", "damaged or cut off"),
        (lambda: header(b"{]") + b"{]", "is not JSON"),
        (lambda: header(b"\xff\xfe") + b"\xff\xfe", "is not JSON"),
        (lambda: header(DEEP) + DEEP, "is not JSON"),
        (lambda: header(b"[]") + b"[]", "not a table of arrays"),
        (lambda: header(b'{"a": 1}') + b'{"a": 1}', "not a table of arrays"),
        (lambda: header(b'{"__metadata__": {"a": 1}}') + b'{"__metadata__": {"a": 1}}', "metadata is not text"),
        (lambda: safetensors.numpy.save(tensors()), "is not marked as naivenet version 1"),
        (relabelled(version="2"), "is not marked as naivenet version 1"),
        (relabelled(network="{"), "description of its network is wrong"),
        (relabelled(network="[" * 90_000), "description of its network is wrong"),
        (relabelled(network='{"layers": []}'), "1 to 64 layers, not 0"),
        (relabelled(input_size="x"), "description of its network is wrong"),
        (relabelled(input_size="100"), r"layers.0.W has shape \(784, 8\), but the network needs \(100, 8\)"),
        (relabelled(input_size="9" * 5000), "description of its network is wrong"),
        (lambda: to_state([], Position()), "is not marked as naivenet"),
    ],
)
def test_what_is_no_checkpoint_is_refused(make: Callable[[], bytes], message: str) -> None:
    """Damaged, false or foreign safetensors files are refused, and the error gives the reason."""
    with pytest.raises(CheckpointError, match=message):
        from_safetensors(make())


def test_a_description_that_is_missing_is_named() -> None:
    """A file that is marked with the format, but has no description, is refused."""
    data = safetensors.numpy.save(tensors(), metadata={"format": "naivenet", "version": "1"})
    with pytest.raises(CheckpointError, match="lacks 'network'"):
        from_safetensors(data)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"layers.0.W": np.zeros((100, 8), "f4")},
            r"layers.0.W has shape \(100, 8\), but the network needs \(784, 8\)",
        ),
        ({"layers.0.W": np.zeros((784, 8), "f8")}, "layers.0.W is of dtype F64, but only F32 is read"),
        ({"layers.0.W": np.zeros((784, 8), "f2")}, "layers.0.W is of dtype F16"),
        ({"layers.2.W": np.zeros((10, 8), "f4")}, "unexpected layers.2.W"),
        ({"layers.1.b": None}, "missing layers.1.b"),
    ],
    ids=str,
)
def test_safetensors_of_another_network_is_refused(changes: dict[str, np.ndarray | None], message: str) -> None:
    """The error names the array, its actual value and the expected one."""
    changed = {name: array for name, array in (tensors() | changes).items() if array is not None}
    with pytest.raises(CheckpointError, match=message):
        read_weights(safetensors.numpy.save(changed), NETWORK)
