"""Weights as npz: NumPy's files are read without pickle; damaged, false and huge files are refused."""

import io
import zipfile
from collections.abc import Callable

import numpy as np
import pytest

from naivenet import CheckpointError, from_npz, to_npz
from tests.unit.naivenet.small import MODEL, NETWORK, WEIGHTS, same


def npz(**arrays: np.ndarray) -> bytes:
    """Return an npz file that NumPy wrote."""
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def arrays() -> dict[str, np.ndarray]:
    """Return the right arrays by their names in an npz."""
    return dict(zip(("W0", "b0", "W1", "b1"), WEIGHTS, strict=True))


def test_npz_comes_back() -> None:
    """Weights are read back, and `numpy.load` reads them without pickle."""
    data = to_npz(MODEL)
    assert same(from_npz(data, NETWORK))
    with np.load(io.BytesIO(data), allow_pickle=False) as loaded:
        assert list(loaded) == ["W0", "b0", "W1", "b1"]


def test_npz_that_numpy_wrote_is_read() -> None:
    """Files of `numpy.savez` and `numpy.savez_compressed` are read, in either memory order."""
    assert same(from_npz(npz(**arrays()), NETWORK))
    file = io.BytesIO()
    np.savez_compressed(file, **(arrays() | {"W0": np.asfortranarray(WEIGHTS[0])}))
    assert same(from_npz(file.getvalue(), NETWORK))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"W0": np.zeros((8, 784), "f4")}, r"W0 has shape \(8, 784\), but the network needs \(784, 8\)"),
        ({"W0": np.zeros((784, 8), "f8")}, "W0 is of dtype float64, but only float32"),
        ({"b0": np.zeros(8, "f8")}, "b0 is of dtype float64, but only float32"),
        ({"b0": np.zeros(8, ">f4")}, "b0 is of dtype >f4, but only float32"),
        ({"W2": np.zeros((10, 8), "f4")}, "unexpected W2"),
        ({"b1": None}, "missing b1"),
        ({"W0": np.zeros((20_000, 784), "f4")}, r"W0 has shape \(20000, 784\), but the network needs \(784, 8\)"),
        ({f"a{i}": np.zeros(1, "f4") for i in range(20)}, r"unexpected a0.npy, .* \(20 in all\)"),
    ],
    ids=str,
)
def test_npz_of_another_network_is_refused(changes: dict[str, np.ndarray | None], message: str) -> None:
    """The error names the array, its actual value and the expected one."""
    changed = {name: array for name, array in (arrays() | changes).items() if array is not None}
    with pytest.raises(CheckpointError, match=message):
        from_npz(npz(**changed), NETWORK)


def test_npz_whose_array_is_of_another_kind_of_file_is_refused() -> None:
    """A member with the array's name, but without .npy, is not the array."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(to_npz(MODEL))) as good, zipfile.ZipFile(file, "w") as bad:
        for name in good.namelist():
            bad.writestr(name.removesuffix(".npy"), good.read(name))
    with pytest.raises(CheckpointError, match="missing W0"):
        from_npz(file.getvalue(), NETWORK)


def test_npz_whose_directory_claims_to_lie_before_the_file_is_refused() -> None:
    """An impossible directory offset is refused as damaged, although zipfile raises another error."""
    data = bytearray(to_npz(MODEL))
    data[-10:-6] = (2**24).to_bytes(4, "little")  # the directory's size, in the record that ends a zip
    with pytest.raises(CheckpointError, match="damaged"):
        from_npz(bytes(data), NETWORK)


def test_npz_whose_names_are_no_text_is_refused() -> None:
    """A name that is marked as UTF-8, but is not, is refused."""
    data = to_npz(MODEL).replace(b"PK\x01\x02\x14\x03\x14\x00\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x00\x08")
    with pytest.raises(CheckpointError, match="damaged"):
        from_npz(data.replace(b"W0.npy", b"\xff0.npy"), NETWORK)


def test_npz_with_pickled_objects_is_refused() -> None:
    """Nothing is unpickled."""
    with pytest.raises(CheckpointError, match="b0 is of dtype object"):
        from_npz(npz(**(arrays() | {"b0": np.array([print] * 8, dtype=object)})), NETWORK)


def member(data: bytes) -> bytes:
    """Return an npz with the right names, whose b0 holds *data*."""
    file = io.BytesIO(npz(**{name: array for name, array in arrays().items() if name != "b0"}))
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("b0.npy", data)
    return file.getvalue()


def lying(shape: str) -> bytes:
    """Return an npy header that claims a shape, without data."""
    text = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}".encode()
    text += b" " * (117 - len(text)) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: b"PK", "damaged, cut off"),
        (lambda: npz(**arrays())[:-30], "damaged, cut off"),
        (lambda: npz(**arrays()).replace(WEIGHTS[0].tobytes()[:64], b"\x01" * 64), "damaged, cut off"),
        (lambda: member(b"print('hello')"), "b0 is not an array that NumPy wrote"),
        (lambda: member(b"\x93NUMPY\x09\x00"), "b0 is not an array that NumPy wrote"),
        (lambda: member(lying("(8,)")), "b0 is damaged or cut off"),
        (lambda: member(lying("(10**12,)")), "b0 is not an array that NumPy wrote"),
        (lambda: member(lying("(1000000000000,)")), r"b0 has shape \(1000000000000,\)"),
        (lambda: member(b"\x00" * 2_000_000), "b0 is not an array that NumPy wrote"),
        (lambda: member(lying("(8,)") + bytes(2_000_000)), r"b0 has 2000128 bytes, but \(8,\) float32 takes 32"),
    ],
)
def test_a_bad_npz_is_refused(make: Callable[[], bytes], message: str) -> None:
    """Damaged and false npz files are refused before they can use memory."""
    with pytest.raises(CheckpointError, match=message):
        from_npz(make(), NETWORK)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_npz_with_another_compression_is_refused(method: int) -> None:
    """Python decompresses bzip2 and LZMA in whole blocks: 4 kB could become 80 MB."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(to_npz(MODEL))) as good, zipfile.ZipFile(file, "w", method) as odd:
        for name in good.namelist():
            odd.writestr(name, good.read(name))
    with pytest.raises(CheckpointError, match="W0 has a compression that NumPy does not use"):
        from_npz(file.getvalue(), NETWORK)


def test_a_zip_bomb_is_not_decompressed() -> None:
    """A megabyte of zip that holds a gigabyte of zeros is decompressed only up to the size of the array."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("W0.npy", "w", force_zip64=True) as bomb:
            bomb.write(lying("(784, 8)"))
            for _ in range(100):
                bomb.write(bytes(10_000_000))
        for name in ("b0", "W1", "b1"):
            archive.writestr(f"{name}.npy", b"")
    with pytest.raises(CheckpointError, match="W0 has 1000000128 bytes"):
        from_npz(file.getvalue(), NETWORK)
