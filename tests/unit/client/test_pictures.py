"""What is one picture, what is a batch, and how both are sent."""

import base64
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from naivenet_client.pictures import encode

ONE = np.arange(784, dtype=np.uint8).reshape(28, 28)
DIGIT = Path(__file__).parents[3] / "docs" / "seven.png"


@pytest.mark.parametrize(
    ("given", "shape", "many"),
    [
        (ONE, (28, 28), False),
        (ONE.reshape(784), (784,), False),
        (ONE[:, :, None], (28, 28), False),
        (ONE[None], (1, 28, 28), True),
        (ONE.reshape(1, 784), (1, 784), True),
        (np.stack([ONE] * 3), (3, 28, 28), True),
        (np.stack([ONE] * 3)[..., None], (3, 28, 28), True),
        (np.stack([ONE] * 28), (28, 28, 28), True),
        (ONE.astype(np.float16) / 255, (28, 28), False),
        (np.asfortranarray(ONE), (28, 28), False),
        (np.stack([ONE] * 4)[::2], (2, 28, 28), True),
    ],
)
def test_arrays_keep_their_numbers(given: Any, shape: tuple[int, ...], *, many: bool) -> None:
    """An array is sent in NumPy's format, which NumPy reads back; its shape says whether it is a batch."""
    body = encode(given)
    sent = np.load(io.BytesIO(body.content), allow_pickle=False)
    assert (sent.shape, body.many, body.media_type) == (shape, many, "application/x-npy")
    assert sent.dtype == given.dtype
    np.testing.assert_array_equal(sent.reshape(-1), np.ascontiguousarray(given).reshape(-1))


@pytest.mark.parametrize("kind", ["i8", "i4", "u2", "i1"])
def test_other_integers_become_bytes(kind: str) -> None:
    """Integers of any width are sent as bytes."""
    sent = np.load(io.BytesIO(encode((ONE % 100).astype(kind)).content))
    assert sent.dtype == np.uint8
    np.testing.assert_array_equal(sent, ONE % 100)


@pytest.mark.parametrize("kind", ["?", "i8"])
def test_zeros_and_ones_are_fractions(kind: str) -> None:
    """True, and 1 as the highest integer, are white, not almost black."""
    sent = np.load(io.BytesIO(encode((ONE > 100).astype(kind)).content))
    assert sent.dtype.kind == "f"
    assert sent.max() == 1


def pixels(content: bytes) -> Any:
    """The pixels in a JSON body."""
    return json.loads(content)["pixels"]


def test_nested_lists() -> None:
    """28×28 and 784 numbers are one picture; lists of these are batches, also of 28 pictures."""
    assert pixels(encode(ONE.tolist()).content) == ONE.tolist()
    assert pixels(encode(ONE.reshape(-1).tolist()).content) == ONE.reshape(-1).tolist()
    for batch in ([ONE.tolist()] * 28, [ONE.reshape(-1).tolist()] * 28):
        body = encode(batch)
        assert body.many
        assert json.loads(body.content) == {"instances": [{"pixels": each} for each in batch]}
    assert pixels(encode([list(row) for row in ONE / 255]).content) == (ONE / 255).tolist()
    assert pixels(encode(list(ONE)).content) == ONE.tolist()


def image_of(content: bytes) -> Any:
    """The picture in a JSON body."""
    return Image.open(io.BytesIO(base64.b64decode(json.loads(content)["image"])))


@pytest.mark.parametrize("given", [DIGIT, str(DIGIT), DIGIT.read_bytes(), bytearray(DIGIT.read_bytes())])
def test_files(given: Any) -> None:
    """A path or the bytes of a file are sent as they are."""
    body = encode(given)
    assert base64.b64decode(json.loads(body.content)["image"]) == DIGIT.read_bytes()
    assert not body.many


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "HSV", "I;16"])
def test_pil_images(mode: str) -> None:
    """A PIL image of any mode is sent as PNG."""
    sent = image_of(encode(Image.new(mode, (30, 40))).content)
    assert (sent.format, sent.size) == ("PNG", (30, 40))


def test_a_list_mixes_kinds() -> None:
    """A list can hold paths, PIL images and arrays; a list of one is a batch."""
    body = encode([DIGIT, Image.new("L", (28, 28)), ONE, ONE.tolist()])
    assert [next(iter(each)) for each in json.loads(body.content)["instances"]] == [
        "image",
        "image",
        "pixels",
        "pixels",
    ]
    assert encode([DIGIT]).many


class Tensor:
    """An object that gives its numbers as an array, like a tensor of TensorFlow or PyTorch."""

    def numpy(self) -> Any:
        """Return the numbers."""
        return ONE


def test_tensors() -> None:
    """A tensor is sent as its array."""
    assert encode(Tensor()) == encode(ONE)


@pytest.mark.parametrize(
    ("given", "fault", "message"),
    [
        ("no-such-file.png", FileNotFoundError, "no-such-file.png"),
        ([DIGIT, "no-such-file.png"], FileNotFoundError, "no-such-file.png"),
        (3, TypeError, "int is no picture"),
        (None, TypeError, "NoneType is no picture"),
        ([], ValueError, "no picture"),
        ([[]], ValueError, "no picture"),
        ([[1, 2], [3, 4]], ValueError, "2 rows of 2"),
        ([0.0] * 783, ValueError, "this one has 783"),
        (ONE[:27], ValueError, r"shape \(27, 28\)"),
        (np.zeros((0, 28, 28)), ValueError, "first dimension is 0"),
        (np.zeros((2, 2, 28, 28)), ValueError, "is no picture"),
        (ONE.astype(int) * 300, ValueError, "from 0 to 255"),
        ([np.stack([ONE] * 2)], ValueError, "which is a batch itself"),
    ],
)
def test_what_is_no_picture(given: Any, fault: type[Exception], message: str) -> None:
    """Anything else is refused before a request is sent, with a sentence that says why."""
    with pytest.raises(fault, match=message):
        encode(given)


@pytest.mark.parametrize("make", [ONE.copy, ONE.tolist, lambda: [ONE] * 3])
def test_encoding_leaves_its_input_alone(make: Callable[[], Any]) -> None:
    """Encoding changes nothing in the arrays and lists that it is given."""
    given = make()
    encode(given)
    np.testing.assert_array_equal(given, make())
