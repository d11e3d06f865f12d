"""People's own pictures of 28x28 pixels, which are not laid out as MNIST's are."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.pictures.sheets import Sheet, exported

Digit = NDArray[np.uint8]


def _picture(digit: Digit, side: float, rng: np.random.Generator, place: tuple[float, float]) -> NDArray[np.float32]:
    """The digit with a longer side of *side* pixels; *place* is from 0 (left, top) to 1. Shapes: (28, 28)."""
    rows, columns = (np.flatnonzero(digit.max(axis=axis) > 40) for axis in (1, 0))
    part = digit[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = side / max(part.shape)
    size = max(1, round(part.shape[1] * scale)), max(1, round(part.shape[0] * scale))
    image = np.asarray(Image.fromarray(part).resize(size, Image.Resampling.BICUBIC), np.float32)
    canvas = np.zeros((28, 28), np.float32)
    left, top = (round(share * (28 - length)) for share, length in zip(place, size, strict=True))
    canvas[top : top + size[1], left : left + size[0]] = image
    return canvas


def _saved(canvas: NDArray[np.float32]) -> bytes:
    return exported(Sheet(pixels=np.repeat(canvas[:, :, None], 3, axis=2)))


def not_centred(digit: Digit, label: int, rng: np.random.Generator) -> bytes:
    """A digit of its usual size in a corner, or at a side."""
    place = rng.uniform(0, 1, 2)
    place[int(rng.integers(2))] = rng.choice([rng.uniform(0, 0.15), rng.uniform(0.85, 1)])
    return _saved(_picture(digit, rng.uniform(17, 21), rng, (place[0], place[1])))


def shrunk(digit: Digit, label: int, rng: np.random.Generator) -> bytes:
    """A digit of 9 to 14 pixels, anywhere."""
    x, y = rng.uniform(0.1, 0.9, 2)
    return _saved(_picture(digit, rng.uniform(9, 14), rng, (x, y)))


def enlarged(digit: Digit, label: int, rng: np.random.Generator) -> bytes:
    """A digit that fills the picture."""
    return _saved(_picture(digit, rng.uniform(24, 28), rng, (0.5, 0.5)))


def dark_on_light(digit: Digit, label: int, rng: np.random.Generator) -> bytes:
    """A digit in dark ink that is not centred."""
    x, y = rng.uniform(0, 1, 2)
    canvas = _picture(digit, rng.uniform(14, 22), rng, (x, y))
    paper, black = rng.uniform(215, 255), rng.uniform(0, 60)
    return _saved(paper - canvas / 255 * (paper - black))
