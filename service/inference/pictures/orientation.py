"""Reads the EXIF orientation, without Pillow's TIFF reader, which warns about damaged blocks."""

import struct
from types import MappingProxyType

from PIL import Image

ORIENTATION_TAG = 0x0112
MAX_ENTRIES = 512

UPRIGHT = MappingProxyType(
    {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }
)
"""EXIF orientation -> the transposition that brings the image upright (Exif 2.32, 4.6.4 A)."""

SIDEWAYS = frozenset({5, 6, 7, 8})


def orientation(exif: bytes | None) -> int:
    """Return the EXIF orientation, 1 to 8; 1 (upright) if the block has none or is damaged.

    Args:
        exif: The file's EXIF block, with or without its ``Exif`` prefix.
    """
    if not exif:
        return 1
    try:
        value = _tag(exif.removeprefix(b"Exif\x00\x00"), ORIENTATION_TAG)
    except struct.error:
        return 1
    return value if value is not None and value in UPRIGHT else 1


def _tag(tiff: bytes, wanted: int) -> int | None:
    """Return the first value of a SHORT tag in the first directory of a TIFF block (TIFF 6.0, section 2)."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return None
    (start,) = struct.unpack_from(order + "I", tiff, 4)
    (count,) = struct.unpack_from(order + "H", tiff, start)
    for entry in range(start + 2, start + 2 + 12 * min(count, MAX_ENTRIES), 12):
        tag, _, _, value = struct.unpack_from(order + "HHIH", tiff, entry)
        if tag == wanted:
            return int(value)
    return None
