"""Uploaded files of datasets: each kind gives its pictures, and a hostile one an error that names the fault."""

import gzip
import io
import json
import struct
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

import naivenet
from service.domain.dataset import DatasetLimits
from service.errors import InvalidInput, TooLarge
from service.inference.limits import InputLimits
from service.jobs.datasets.reading import UploadedFile, read_upload
from tests.hostile_bodies import bomb_png

LIMITS = DatasetLimits(max_datasets=9, max_samples=50, max_bytes=10**9)
PICTURES = InputLimits()
RANDOM = np.random.default_rng(1)

#: Twelve pictures, laid out as MNIST's are, with their labels.
MNIST = naivenet.datasets.load()
IMAGES, LABELS = np.array(MNIST.x_test[:12]), np.array(MNIST.y_test[:12])
ROWS = np.concatenate([LABELS[:, None], IMAGES.reshape(12, 784)], axis=1)


def read(
    data: bytes | Mapping[str, bytes], *, test_share: float = 0.0, limits: DatasetLimits = LIMITS
) -> dict[str, np.ndarray]:
    """Read one file, or several by their names."""
    files = {"upload": data} if isinstance(data, bytes) else data
    given = [UploadedFile(name=name, pointer="/file/0", file=io.BytesIO(each)) for name, each in files.items()]
    return read_upload(given, limits, PICTURES, test_share=test_share)


def npz(**arrays: object) -> bytes:
    """An npz file."""
    stream = io.BytesIO()
    np.savez_compressed(stream, **arrays)  # type: ignore[arg-type]  # of any kind
    return stream.getvalue()


def zipped(members: Mapping[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip archive."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()


def png(image: np.ndarray) -> bytes:
    """A PNG."""
    stream = io.BytesIO()
    Image.fromarray(image).save(stream, "PNG")
    return stream.getvalue()


def csv(rows: np.ndarray = ROWS, header: str = "") -> bytes:
    """A CSV file in MNIST's layout."""
    return (header + "\n".join(",".join(map(str, row)) for row in rows) + "\n").encode()


def idx(values: np.ndarray) -> bytes:
    """An IDX file."""
    head = struct.pack(f">HBB{values.ndim}I", 0, 8, values.ndim, *values.shape)
    return head + values.tobytes()


def idx_files(pack: Callable[[bytes], bytes] = gzip.compress, end: str = ".gz") -> dict[str, bytes]:
    """The four files in which Fashion-MNIST is published, the last three pictures for testing."""
    return {
        f"train-images-idx3-ubyte{end}": pack(idx(IMAGES[:9])),
        f"train-labels-idx1-ubyte{end}": pack(idx(LABELS[:9])),
        f"t10k-images-idx3-ubyte{end}": pack(idx(IMAGES[9:])),
        f"t10k-labels-idx1-ubyte{end}": pack(idx(LABELS[9:])),
    }


def folders(split: Callable[[int], str] = lambda _: "") -> dict[str, bytes]:
    """Labelled folders of pictures."""
    return {f"{split(n)}{LABELS[n]}/{n:02}.png": png(image) for n, image in enumerate(IMAGES)}


@pytest.mark.parametrize(
    "data",
    [
        npz(x_train=IMAGES, y_train=LABELS),
        npz(x_train=IMAGES.reshape(12, 784), y_train=LABELS.astype(np.int64)),
        csv(),
        csv(header="label," + ",".join(f"pixel{n}" for n in range(784)) + "\n"),
        b"\xef\xbb\xbf" + csv().replace(b"\n", b"\r\n"),
        gzip.compress(csv()),
        zipped(folders()),
        zipped(
            {f"my digits/{name}": data for name, data in folders().items()} | {"__MACOSX/._x": b"", "7/.DS_Store": b""}
        ),
    ],
    ids=["npz", "npz-rows", "csv", "csv-header", "csv-windows", "csv-gz", "zip", "zip-of-a-mac"],
)
def test_a_file_without_test_pictures(data: bytes) -> None:
    """All kinds give the same pictures and labels, in their order."""
    found = read(data)
    np.testing.assert_array_equal(found["x_train"], IMAGES)
    np.testing.assert_array_equal(found["y_train"], LABELS)
    assert (found["x_test"].shape, found["x_train"].dtype) == ((0, 28, 28), np.uint8)


@pytest.mark.parametrize(
    "data",
    [
        npz(x_train=IMAGES[:9], y_train=LABELS[:9], x_test=IMAGES[9:], y_test=LABELS[9:]),
        idx_files(),
        idx_files(bytes, ""),
        zipped({f"fashion/{name}": data for name, data in idx_files().items()}),
        zipped(folders(lambda n: "train/" if n < 9 else "test/")),
        zipped(folders(lambda n: "set/Training/" if n < 9 else "set/testing/")),
    ],
    ids=["npz", "idx-gz", "idx", "idx-zip", "zip", "zip-long-names"],
)
def test_a_file_that_divides_its_pictures(data: bytes | dict[str, bytes]) -> None:
    """The test pictures are those of the file, whatever share is asked for."""
    found = read(data, test_share=0.5)
    np.testing.assert_array_equal(found["x_train"], IMAGES[:9])
    np.testing.assert_array_equal(found["y_test"], LABELS[9:])
    np.testing.assert_array_equal(found["x_test"], IMAGES[9:])


def test_the_share_of_test_pictures_is_stable() -> None:
    """A picture is in the same part, in whatever file and order it comes."""
    many = DatasetLimits(max_datasets=9, max_samples=5000, max_bytes=10**9)
    images, labels = np.array(MNIST.x_test[:3000]), np.array(MNIST.y_test[:3000])
    whole = read(npz(x_train=images, y_train=labels), test_share=1 / 6, limits=many)
    half = read(npz(x_train=images[:1500][::-1], y_train=labels[:1500][::-1]), test_share=1 / 6, limits=many)
    assert 400 < len(whole["x_test"]) < 600
    tested = {image.tobytes() for image in whole["x_test"]}
    assert {image.tobytes() for image in half["x_test"]} <= tested
    assert not tested & {image.tobytes() for image in half["x_train"]}


def test_a_picture_in_a_folder_is_prepared() -> None:
    """A large one, dark on light, becomes 28x28, light on dark."""
    large = np.kron(255 - IMAGES[0], np.ones((10, 10), np.uint8))
    found = read(zipped({"7/photo.png": png(large)}))["x_train"][0]
    assert abs(found.astype(int) - IMAGES[0]).mean() < 20


def test_an_exported_archive_is_taken_as_it_is() -> None:
    """Its pictures are prepared already: not one pixel changes."""
    noise = RANDOM.integers(0, 256, (28, 28), np.uint8)
    found = read(zipped({"naivenet-dataset.json": json.dumps({}).encode(), "train/3/0.png": png(noise)}))
    np.testing.assert_array_equal(found["x_train"], [noise])


def changed(rows: np.ndarray, row: int, column: int, value: object) -> bytes:
    """A CSV file with one other value."""
    values = rows.astype(object)
    values[row, column] = value
    return csv(values)


def of_entries(count: int) -> bytes:
    """An archive with many files."""
    return zipped({f"7/{n}.png": b"" for n in range(count)}, zipfile.ZIP_STORED)


def lying(claimed: int) -> bytes:
    """An archive whose directory claims this size."""
    data = bytearray(zipped(folders()))
    at = data.rfind(b"PK\x05\x06")
    data[at + 12 : at + 16] = struct.pack("<I", claimed)
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", "no line with numbers"),
        (b"hello\nworld\n", "line 2 has 1 columns, not 785"),
        (b"PK\x03\x04 no archive", "damaged"),
        (b"\x1f\x8b no gzip", "damaged"),
        (gzip.compress(csv())[:-2000], "damaged"),
        (b"\xff\xfe" * 1000, "damaged"),
        (b"1," * 100_000, "line 1 is longer than any line of pixels"),
        (changed(ROWS, 3, 0, 10), "line 4, column 1: '10' is no label"),
        (changed(ROWS, 3, 5, 256), "line 4, column 6: '256' is no pixel, a whole number from 0 to 255"),
        (changed(ROWS, 3, 5, "nan"), "line 4, column 6: 'nan'"),
        (changed(ROWS, 3, 5, "9" * 5000), "line 4, column 6: '99999999999999999999'"),
        (changed(ROWS, 3, 5, -1), "line 4, column 6: '-1'"),
        (changed(ROWS, 3, 5, 0.5), "line 4, column 6: '0.5'"),
        (csv(ROWS[:, :-1]), "line 1 has 784 columns"),
        (npz(y_train=LABELS), "lacks the array x_train"),
        (npz(x_train=IMAGES, y_train=LABELS, x_test=IMAGES), "it is damaged.*y_test"),
        (npz(x_train=IMAGES / 255, y_train=LABELS), r"x_train must be \(pictures, 28, 28\) uint8"),
        (npz(x_train=IMAGES[:, :20], y_train=LABELS), "x_train must be"),
        (npz(x_train=IMAGES, y_train=LABELS[:5]), "12 pictures, but y_train has 5 labels"),
        (npz(x_train=IMAGES, y_train=LABELS.astype(int) + 3), r"y_train\[0\] is 10; labels are digits"),
        (npz(x_train=IMAGES, y_train=LABELS / 1), "y_train must be"),
        (npz(x_train=IMAGES, y_train=np.array([{}] * 12, object)), "y_train must be|pickle"),
        (zipped({}), "no picture in a folder"),
        (zipped({"a.png": png(IMAGES[0])}), "'a.png' is in no folder that is called by its digit"),
        (zipped({"cat/a.png": png(IMAGES[0])}), "'cat/a.png' is in no folder"),
        (zipped({"10/a.png": png(IMAGES[0])}), "'10/a.png' is in no folder"),
        (zipped({"7/notes.txt": b"hello"}), "the picture '7/notes.txt' in it: The bytes are not an image"),
        (zipped({"7/a.png": png(IMAGES[0])[:-40]}), "the picture '7/a.png' in it"),
        (zipped({"../../7/a.png": png(IMAGES[0])}), "leads out of the archive"),
        (zipped({"/etc/7/a.png": png(IMAGES[0])}), "leads out of the archive"),
        (zipped({"..\\7\\a.png": png(IMAGES[0])}), "leads out of the archive"),
        (zipped({"7/a.png": png(IMAGES[0])}, zipfile.ZIP_LZMA), "'7/a.png' in it is compressed in a rare way"),
        (zipped({"7": b""}).replace(b"7", b"\0"), "the archive is damaged"),
        (zipped({"naivenet-dataset.json": b"{}", "7/a.png": png(IMAGES[0][:20])}), "must have 28 x 28 pixels"),
        (idx(IMAGES), "the labels of the train part are missing"),
        (idx(IMAGES[:, :20]), "pictures are 20 x 28, not 28 x 28"),
        (idx_files() | {"t10k-labels-idx1-ubyte.gz": gzip.compress(idx(LABELS))}, "3 pictures, but 12 labels"),
        (idx_files() | {"again-train-labels-idx1-ubyte": idx(LABELS)}, "another file with the same part"),
        (idx_files() | {"t10k-labels-idx1-ubyte.gz": csv()}, "no IDX file of bytes"),
        (idx_files(lambda data: data[:-1], ""), "has fewer"),
        (idx_files(lambda data: data + b"x", ""), "has more"),
        ({}, "has no file"),
    ],
    ids=range(42),
)  # fmt: skip
def test_a_faulty_file_is_refused(data: bytes | dict[str, bytes], fault: str) -> None:
    """The error has a pointer to the file, and names the first fault."""
    with pytest.raises(InvalidInput, match=fault) as refused:
        read(data)
    assert refused.value.errors[0].pointer.startswith("/file")


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (npz(x_train=np.zeros((51, 28, 28), np.uint8), y_train=np.zeros(51, np.uint8)), "51 pictures or more"),
        (npz(x_train=np.zeros((60_000, 28, 28), np.uint8), y_train=np.zeros(60_000, np.uint8)), "60,000 pictures"),
        (gzip.compress(csv(np.zeros((51, 785), int))), "51 pictures or more; the limit of a dataset is 50"),
        (zipped({f"7/{n}.png": png(IMAGES[0]) for n in range(51)}), "51 pictures"),
        (of_entries(101), "more than 50 files"),
        (of_entries(100_000), "more than 50 files"),
        (lying(60_000), "more than 50 files"),
        (zipped({"7/bomb.png": bytes(30_000_000)}), "more than the limit of 20,000,000 bytes"),
        (zipped({"7/bomb.png": bomb_png(30_000)}), "the limit is 16,000,000 in all"),
        (idx(np.zeros((51, 28, 28), np.uint8)), "51 pictures"),
        (struct.pack(">HBBIII", 0, 8, 3, 4_000_000_000, 28, 28), "4,000,000,000 pictures"),
    ],
    ids=[
        "npz", "npz-bomb", "csv", "zip", "entries", "100k-entries", "lying-directory", "long-member", "bomb-png", "idx",
        "lying-idx",
    ],
)  # fmt: skip
def test_a_bomb_is_refused(data: bytes, fault: str) -> None:
    """What would take too much memory is refused before it is unpacked."""
    with pytest.raises(TooLarge, match=fault):
        read(data)


def test_of_many_idx_files_in_an_archive_few_are_opened() -> None:
    """Each open file takes memory. The sixth, whose header is damaged, is not opened: the fifth is refused before."""
    more = {f"{n}-train-labels-idx1-ubyte": idx(LABELS[:9]) for n in range(2)}
    archive = bytearray(zipped(idx_files() | more))
    archive[archive.rfind(b"PK\x03\x04")] = 0
    with pytest.raises(InvalidInput, match="another file with the same part"):
        read(bytes(archive))


def test_all_pictures_of_an_archive_have_a_limit_together() -> None:
    """Many large pictures in a small archive would take minutes."""
    blank = png(np.zeros((140, 140), np.uint8))
    archive = io.BytesIO(zipped({f"7/{n}.png": blank for n in range(103)}))
    files = [UploadedFile(name="a.zip", pointer="/file/0", file=archive)]
    with pytest.raises(TooLarge, match="more than 2,000,000 pixels together"):
        read_upload(files, replace(LIMITS, max_samples=200), replace(PICTURES, max_pixels=20_000), test_share=0)
