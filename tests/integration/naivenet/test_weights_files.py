"""Weights are copied from file to file with the bytes that a writer in memory gives, and with little memory."""

import io
import tracemalloc
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

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
