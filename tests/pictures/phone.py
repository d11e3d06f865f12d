"""A photo as a phone's camera saves it: twelve megapixels, uneven light, and an EXIF orientation."""

from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image

from tests.pictures.inks import pen_colour
from tests.pictures.pens import ink
from tests.pictures.sheets import Sheet, smooth_noise

WIDTH, HEIGHT = 3024, 4032
COARSE = 4  # the paper, the light and the ink are drawn at a fourth of the size
TURN_RIGHT = 6  # EXIF's orientation of a phone that is held upright: turn the picture a quarter to the right


def phone_photo(digit: NDArray[np.uint8], rng: np.random.Generator) -> bytes:
    """Return a JPEG of a digit on paper, a part of which lies in the phone's own shadow.

    Shapes:
        digit: (28, 28).
    """
    page = Sheet(pixels=np.full((HEIGHT // COARSE, WIDTH // COARSE, 3), (236, 232, 222), np.float32))
    alpha = ink(digit, 0.45 * page.size[0])
    left, top = ((whole - part) // 2 for whole, part in zip(page.size, alpha.shape[::-1], strict=True))
    page.lay(alpha, (left, top), pen_colour(rng))
    page.light(0.55 + 0.45 * smooth_noise(page.size, rng, 2))
    image = Image.fromarray(np.rint(page.pixels).astype(np.uint8)).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
    grain = rng.normal(0, 3, (HEIGHT, WIDTH, 1)).astype(np.float32)
    noisy = np.clip(np.asarray(image, np.float32) + grain, 0, 255).astype(np.uint8)
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = TURN_RIGHT
    stream = BytesIO()
    lying = Image.fromarray(np.rot90(noisy))
    lying.save(stream, "JPEG", quality=88, exif=exif)
    return stream.getvalue()
