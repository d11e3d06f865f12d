"""Decodes images sent as text: base64 in both alphabets, alone or in a data URL."""

import binascii
import re
from collections.abc import Iterator
from typing import AnyStr

from service.errors import InvalidInput, TooLarge
from service.inference.limits import InputLimits

DATA_URL = re.compile(r"data:(?P<media_type>[\w.+-]+/[\w.+-]+)?(?:;[\w.-]+=[\w.+-]*)*;base64,", re.IGNORECASE)
URL_SAFE, IGNORED = bytes.maketrans(b"-_", b"+/"), b"=\n\r \t"
GROUP = 4  # characters that encode three bytes
#: Characters decoded at a time: decoding holds the interpreter lock, and other threads run in between.
CHUNK = 1 << 20


def decode_image(text: str, pointer: str, limits: InputLimits) -> tuple[bytes, str | None]:
    """Decode an image; return its bytes, and its media type if a data URL names one.

    Args:
        text: base64 or base64url, with or without padding and white space, or ``data:…;base64,…``.
        pointer: Its place in the body, for errors.
        limits: The length is checked before decoding.

    Raises:
        InvalidInput: The text is not base64.
        TooLarge: It is longer than an image may be.
    """
    if len(text) > 2 * limits.max_image_bytes:
        raise TooLarge(f"{pointer}: the image is over the limit of {limits.max_image_bytes:,} bytes.")
    media_type = None
    if text[:5].lower() == "data:":
        prefix = DATA_URL.match(text[:200])
        if prefix is None:
            raise InvalidInput.at(
                pointer, "A data URL starts with, for example, data:image/png;base64, and continues in base64."
            )
        media_type, text = prefix["media_type"], text[prefix.end() :]
    return _decoded(text, pointer), media_type and media_type.lower()


def _decoded(text: str, pointer: str) -> bytes:
    try:
        plain = b"".join(chunk.encode("ascii").translate(URL_SAFE, IGNORED) for chunk in _chunks(text))
        plain += b"=" * (-len(plain) % GROUP)
        return b"".join(binascii.a2b_base64(chunk, strict_mode=True) for chunk in _chunks(plain))
    except ValueError as error:  # binascii.Error, or UnicodeEncodeError for text that is not ASCII
        raise InvalidInput.at(pointer, f"The image is not valid base64: {error}.") from None


def _chunks(whole: AnyStr) -> Iterator[AnyStr]:
    for start in range(0, len(whole), CHUNK):
        yield whole[start : start + CHUNK]
