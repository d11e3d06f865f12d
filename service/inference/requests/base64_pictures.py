"""Pictures as text: base64 in both alphabets, alone or in a data URL."""

import binascii
import re
from collections.abc import Iterator
from typing import AnyStr

from service.errors import InvalidInput, TooLarge
from service.inference.limits import InputLimits

DATA_URL = re.compile(r"data:(?P<media_type>[\w.+-]+/[\w.+-]+)?(?:;[\w.-]+=[\w.+-]*)*;base64,", re.IGNORECASE)
URL_SAFE, PASSED_OVER = bytes.maketrans(b"-_", b"+/"), b"=\n\r \t"
QUANTUM = 4
#: Characters that are read at one go: other threads run in between, as nothing here lets go of the interpreter.
PIECE = 1 << 20


def decode_picture(text: str, pointer: str, limits: InputLimits) -> tuple[bytes, str | None]:
    """The bytes of a picture, and its media type where a data URL tells one.

    Args:
        text: base64 or base64url, padded or not, white space allowed, or ``data:…;base64,…``.
        pointer: Where it stood.
        limits: Its length is checked before it is decoded.

    Raises:
        InvalidInput: It is no base64.
        TooLarge: It is longer than a picture may be.
    """
    if len(text) > 2 * limits.max_image_bytes:
        raise TooLarge(f"{pointer}: the picture is over the limit of {limits.max_image_bytes:,} bytes.")
    media_type = None
    if text[:5].lower() == "data:":
        prefix = DATA_URL.match(text[:200])
        if prefix is None:
            raise InvalidInput.at(pointer, "A data URL begins like data:image/png;base64, and goes on in base64.")
        media_type, text = prefix["media_type"], text[prefix.end() :]
    return _decoded(text, pointer), media_type and media_type.lower()


def _decoded(text: str, pointer: str) -> bytes:
    try:
        plain = b"".join(piece.encode("ascii").translate(URL_SAFE, PASSED_OVER) for piece in _pieces(text))
        plain += b"=" * (-len(plain) % QUANTUM)
        return b"".join(binascii.a2b_base64(piece, strict_mode=True) for piece in _pieces(plain))
    except ValueError as error:  # binascii.Error, and what is not ASCII
        raise InvalidInput.at(pointer, f"The picture is no base64: {error}.") from None


def _pieces(whole: AnyStr) -> Iterator[AnyStr]:
    for start in range(0, len(whole), PIECE):
        yield whole[start : start + PIECE]
