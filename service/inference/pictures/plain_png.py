"""Decodes the plainest PNG of a digit: 28x28 in 8 bits of grey, as Pillow, OpenCV and most clients write it.

Pillow's reader of PNG files makes several objects for each chunk, which takes six times as long as decoding 28x28.
"""

from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from naivenet.datasets import PIXELS, SIDE
from service.inference.pictures.formats import PNG_SIGNATURE

#: The bytes of the signature and the header chunk, without and with the length and name of the chunk of pixels.
_START = PNG_SIGNATURE + b"\0\0\0\x0dIHDR\0\0\0\x1c\0\0\0\x1c\x08\0\0\0\0Wf\x80H"
_PIXELS_AT = len(_START) + 8
_END = b"\0\0\0\0IEND\xaeB`\x82"
_CHECKSUM_BYTES = 4


def plain_digit(data: bytes) -> NDArray[np.uint8] | None:
    """Return the pixels of a PNG that has nothing but 28x28 of 8 bits in one chunk; ``None`` for any other file.

    The caller reads another file, or a damaged one, by `read_image`, which says what is wrong with it.

    Shapes:
        result: (784,).
    """
    if not (data.startswith(_START) and data.endswith(_END)):
        return None
    end = len(data) - len(_END) - _CHECKSUM_BYTES
    length, kind = int.from_bytes(data[len(_START) : _PIXELS_AT - 4]), data[_PIXELS_AT - 4 : _PIXELS_AT]
    checksum = int.from_bytes(data[end : end + _CHECKSUM_BYTES])
    if kind != b"IDAT" or length != end - _PIXELS_AT or checksum != crc32(data[_PIXELS_AT - 4 : end]):
        return None
    try:
        image = Image.frombytes("L", (SIDE, SIDE), data[_PIXELS_AT:end], "zip", "L", False)  # noqa: FBT003  # as Pillow takes it
    except ValueError:
        return None
    pixels: NDArray[np.uint8] = np.frombuffer(image.tobytes(), np.uint8)
    return pixels.reshape(PIXELS)
