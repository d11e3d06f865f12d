"""Weights are copied from file to file with the bytes that a writer in memory gives, and with little memory."""

import io
import tracemalloc
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy

import naivenet
from naivenet.errors import CheckpointError
from naivenet.storage.weights_file import WeightsFile


def network(*units: int) -> naivenet.Network:
    """A network with layers of these sizes, and ten outputs."""
    hidden = [{"units": each, "activation": "relu"} for each in units]
    return naivenet.Network.from_dict({"layers": [*hidden, {"units": 10, "activation": "softmax"}]})


def model(of: naivenet.Network) -> naivenet.NaiveSequential:
    """The network with random weights."""
    rng = np.random.default_rng(0)
    return of.with_weights([rng.normal(size=shape).astype(np.float32) for shape in of.shapes(784)])


def copied(data: bytes, of: naivenet.Network | None = None) -> bytes:
    """Return the copy of a file."""
    target = io.BytesIO()
    WeightsFile(io.BytesIO(data), of).copy_to(target)
    return target.getvalue()


@pytest.mark.parametrize("units", [(), (3,), (3,) * 12], ids=["one layer", "two layers", "thirteen layers"])
def test_a_copy_has_the_bytes_of_a_written_file(units: tuple[int, ...]) -> None:
    """A safetensors file and an npz file give the bytes of `to_safetensors`; ten layers and more sort by name."""
    of = network(*units)
    written = naivenet.to_safetensors(model(of))
    assert copied(written) == copied(written, of) == copied(naivenet.to_npz(model(of)), of) == written


def test_arrays_in_another_order() -> None:
    """Other programs may order arrays differently, and store matrices column by column."""
    of = network()
    W, b = model(of).weights
    npz = io.BytesIO()
    np.savez_compressed(npz, b0=b, W0=np.asfortranarray(W))
    assert copied(npz.getvalue(), of) == naivenet.to_safetensors(model(of))
    header = b'{"layers.0.b":{"dtype":"F32","shape":[10],"data_offsets":[0,40]},'
    header += b'"layers.0.W":{"dtype":"F32","shape":[784,10],"data_offsets":[40,31400]}}'
    turned = len(header).to_bytes(8, "little") + header + np.asarray(b).tobytes() + np.asarray(W).tobytes()
    assert copied(turned, of) == naivenet.to_safetensors(model(of))


def saved(arrays: dict[str, Any]) -> bytes:
    """An npz file."""
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


#: How other libraries name and turn the weights of a network with hidden layers of 5 and 5.
FOREIGN = {
    "PyTorch": (["0.weight", "0.bias", "2.weight", "2.bias", "4.weight", "4.bias"], True),
    "PyTorch's modules": (["fc9.weight", "fc9.bias", "fc10.weight", "fc10.bias", "out.weight", "out.bias"], True),
    "named against the order": (["z.weight", "z.bias", "y.a.weight", "y.a.bias", "x.weight", "x.bias"], True),
    "numpy.savez": ([f"arr_{number}" for number in range(6)], False),
    "numpy.savez of PyTorch": ([f"arr_{number}" for number in range(6)], True),
    "Keras's first names": (
        [f"dense{number}/{kind}" for number in ("", "_1", "_2") for kind in ("kernel", "bias")],
        False,
    ),
    "Keras": ([f"dense_{layer}/{kind}" for layer in range(3) for kind in ("kernel", "bias")], False),
    "our npz": (["W0", "b0", "W1", "b1", "W2", "b2"], False),
    "our safetensors": ([f"layers.{layer}.{kind}" for layer in range(3) for kind in "Wb"], False),
}


@pytest.mark.parametrize("library", FOREIGN)
def test_names_and_layouts_of_other_libraries(library: str) -> None:
    """They give the file that our own names give, from safetensors and from npz."""
    of = network(6, 5)
    names, is_transposed = FOREIGN[library]
    arrays = [np.ascontiguousarray(each.T if is_transposed else each) for each in map(np.asarray, model(of).weights)]
    named = dict(zip(names, arrays, strict=True))
    assert copied(safetensors.numpy.save(named), of) == naivenet.to_safetensors(model(of))
    assert copied(saved(named), of) == naivenet.to_safetensors(model(of))


@pytest.mark.parametrize("dtype", ["<f8", ">f8", ">f4", "<f2"])
def test_floats_of_every_type_are_cast(dtype: str) -> None:
    """Weights in another precision or byte order become float32."""
    of = network()
    arrays = {name: np.asarray(each).astype(dtype) for name, each in zip(("W0", "b0"), model(of).weights, strict=True)}
    cast = of.with_weights([each.astype(np.float32) for each in arrays.values()])
    assert copied(saved(arrays), of) == naivenet.to_safetensors(cast)
    if dtype[0] == "<":
        assert copied(safetensors.numpy.save(arrays), of) == naivenet.to_safetensors(cast)


def test_bfloat16_is_the_upper_half_of_a_float32() -> None:
    """A file of PyTorch's bfloat16 is read, though NumPy has no such type."""
    of = network()
    halves = [np.asarray(each).view(np.uint32) >> 16 for each in model(of).weights]
    header = b'{"layers.0.W":{"dtype":"BF16","shape":[784,10],"data_offsets":[0,15680]},'
    header += b'"layers.0.b":{"dtype":"BF16","shape":[10],"data_offsets":[15680,15700]}}'
    data = b"".join(each.astype("<u2").tobytes() for each in halves)
    read = copied(len(header).to_bytes(8, "little") + header + data, of)
    assert read == naivenet.to_safetensors(of.with_weights([(each << 16).view(np.float32) for each in halves]))


def test_a_number_that_is_not_finite_is_named() -> None:
    """The error names the array, the number and its index, also behind the first piece of a large array."""
    of = network(500)
    arrays = dict(zip(("W0", "b0", "W1", "b1"), map(np.array, model(of).weights), strict=True))
    arrays["W0"].ravel()[300_000] = np.nan
    for data in (saved(arrays), naivenet.to_safetensors(of.with_weights(list(arrays.values())))):
        with pytest.raises(CheckpointError, match=r"has nan as its number 300000; weights must be finite"):
            copied(data, of)


def test_a_bias_that_is_missing_is_named() -> None:
    """As of a layer of PyTorch without one; so are shapes that no layer has."""
    W, b = map(np.asarray, model(network()).weights)
    with pytest.raises(CheckpointError, match=r"layers\.0\.b"):
        copied(saved({"0.weight": W.T}), network())
    with pytest.raises(CheckpointError, match=r"needs arrays of the shapes \(784, 10\), \(10,\) .*0.weight \(9, 784\)"):
        copied(saved({"0.weight": W.T[:9], "0.bias": b[:9]}), network())


def test_layers_of_one_shape_whose_order_is_unknown_are_refused() -> None:
    """Sorted by name, `inner` would come before `middle`, and the network would predict nonsense."""
    of = network(5, 5, 5)
    names = [f"{layer}.{kind}" for layer in ("input", "middle", "inner", "out") for kind in ("weight", "bias")]
    arrays = [np.ascontiguousarray(each.T) for each in map(np.asarray, model(of).weights)]
    with pytest.raises(CheckpointError, match=r"inner\.weight, middle\.weight have one shape"):
        copied(safetensors.numpy.save(dict(zip(names, arrays, strict=True))), of)
    named = dict(zip((name.replace("middle", "fc1").replace("inner", "fc2") for name in names), arrays, strict=True))
    assert copied(safetensors.numpy.save(named), of) == naivenet.to_safetensors(model(of))


def damaged() -> Iterator[tuple[str, bytes]]:
    """Name -> a damaged file of a network with one layer."""
    whole = naivenet.to_safetensors(model(network()))
    yield "cut off", whole[:-1]
    yield "too long", whole + b"x"
    yield "an offset that is no number", whole.replace(b"[0,31360]", b"[[],3136]")
    yield "no offset", whole.replace(b"[0,31360]", b"[        ")
    yield "a gap", whole.replace(b"[0,31360]", b"[1,31360]")
    yield "an overlap", whole.replace(b"[31360,31400]", b"[    0,31400]")
    yield "a shape that is no list", whole.replace(b"[784,10]", b"       7")
    yield "another dtype", whole.replace(b"F32", b"F64")
    yield "another size", whole.replace(b"[784,10]", b"[10,784]")
    npz = naivenet.to_npz(model(network()))
    yield "an npz that is cut off", npz[:-1]
    yield "an npz with a changed byte", npz[:2000] + bytes([npz[2000] ^ 1]) + npz[2001:]
    yield "an npz of nothing", zipped({})


def zipped(members: dict[str, bytes]) -> bytes:
    """A zip file."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()


DAMAGED = dict(damaged())


@pytest.mark.parametrize("what", DAMAGED)
def test_a_damaged_file_is_refused(what: str) -> None:
    """It is an error of the file, with a reason."""
    with pytest.raises(CheckpointError):
        copied(DAMAGED[what], network())


def test_a_copy_takes_little_memory(tmp_path: Path) -> None:
    """A file of 40 MB takes less than a tenth of that."""
    with (tmp_path / "source").open("w+b") as source, (tmp_path / "target").open("wb") as target:
        source.write(naivenet.to_safetensors(model(network(3000, 2500, 200))))
        tracemalloc.start()
        WeightsFile(source).copy_to(target)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 4_000_000
