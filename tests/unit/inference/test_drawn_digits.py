"""The digits that tests and benchmarks draw as visitors of the page do."""

import itertools
from io import BytesIO

import numpy as np
from PIL import Image

from tests.pictures.drawn import SIDE, STYLES, drawing


def test_thirty_styles_draw_each_digit_inside_the_pad() -> None:
    """Each of thirty styles draws each digit as an opaque PNG of the pad's size, with ink, and none at the edges."""
    assert len(STYLES) == 30
    for style, digit in itertools.product(STYLES.values(), range(10)):
        image = Image.open(BytesIO(drawing(style, digit, np.random.default_rng(digit))))
        assert (image.mode, image.size) == ("RGBA", (SIDE, SIDE))
        ink = np.asarray(image.convert("L"))
        assert ink.max() == 255
        assert max(ink[0].max(), ink[-1].max(), ink[:, 0].max(), ink[:, -1].max()) == 0


def test_a_seed_draws_the_same_digit_again() -> None:
    """One seed gives the same bytes again, and another seed gives another drawing."""
    once, again, other = (drawing(STYLES["European"], 1, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert once == again
    assert once != other
