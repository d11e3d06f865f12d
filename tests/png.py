"""Writes PNG files of every colour type, bit depth and interlacing; Pillow does not write most of them."""

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

GREY, COLOUR, PALETTE, GREY_ALPHA, COLOUR_ALPHA = 0, 2, 3, 4, 6

#: The passes of Adam7: first row, first column, rows apart, columns apart.
ADAM7 = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1))

Chunk = tuple[bytes, bytes]


def png(samples: NDArray[np.integer], colour: int, depth: int, *chunks: Chunk, interlaced: bool = False) -> bytes:
    """Return a PNG of these samples.

    Args:
        samples: The samples of each pixel, from 0 to ``2**depth - 1``.
        colour: The colour type.
        depth: Bits a sample.
        chunks: Chunks between header and pixels.
        interlaced: Whether the pixels are in the order of Adam7.

    Shapes:
        samples: (h, w) or (h, w, channels).
    """
    height, width = samples.shape[:2]
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, int(interlaced))
    passes = [samples[y::down, x::across] for y, x, down, across in ADAM7] if interlaced else [samples]
    lines = b"".join(_lines(each, depth) for each in passes if each.size)
    every = [(b"IHDR", header), *chunks, (b"IDAT", zlib.compress(lines)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(map(_chunk, every))


def palette(colours: NDArray[np.uint8], alphas: bytes = b"") -> list[Chunk]:
    """Return the chunks of a palette, and of the alpha of its first colours. Shapes: colours: (n, 3)."""
    return [(b"PLTE", colours.tobytes())] + ([(b"tRNS", alphas)] if alphas else [])


def inserted(data: bytes, chunk: Chunk, *, before: bytes) -> bytes:
    """Return the PNG with another chunk before the first chunk of type *before*."""
    at = data.index(before) - 4
    return data[:at] + _chunk(chunk) + data[at:]


def _lines(samples: NDArray[np.integer], depth: int) -> bytes:
    """Return the lines without filters; samples are packed, the first in the highest bits."""
    flat = samples.reshape(len(samples), -1)
    if depth == 16:
        return b"".join(b"\0" + line.astype(">u2").tobytes() for line in flat)
    bits = np.unpackbits(flat.astype(np.uint8)[..., None], axis=-1)[..., 8 - depth :]
    return b"".join(b"\0" + np.packbits(line).tobytes() for line in bits.reshape(len(flat), -1))


def _chunk(chunk: Chunk) -> bytes:
    kind, body = chunk
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
