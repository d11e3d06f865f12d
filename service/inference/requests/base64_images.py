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

#: What percent-encoding and JSON in JSON make of characters in base64 and data URLs.
ESCAPES = {
    "%2B": "+", "%2b": "+", "%2F": "/", "%2f": "/", "%3D": "=", "%3d": "=", "%2C": ",", "%2c": ",", "%3B": ";",
    "%3b": ";", "%3A": ":", "%3a": ":", "%0A": "", "%0a": "", "%0D": "", "%0d": "", "\\n": "", "\\r": "",
}  # fmt: skip


def decode_image(text: str, pointer: str, limits: InputLimits) -> tuple[bytes, str | None]:
    """Decode an image; return its bytes, and its media type if a data URL names one.

    Args:
        text: base64 or base64url, with or without padding and white space, or ``data:…;base64,…``; also as programs
            damage it: in quotes, percent-encoded, or with blanks for ``+``, as forms and URLs decode it.
        pointer: Its place in the body, for errors.
        limits: The length is checked before decoding.

    Raises:
        InvalidInput: The text is not base64.
        TooLarge: It is longer than an image may be.
    """
    if len(text) > 2 * limits.max_image_bytes:
        raise TooLarge(f"{pointer}: the image is over the limit of {limits.max_image_bytes:,} bytes.")
    media_type, text = None, _repaired(text)
    if text[:5].lower() == "data:":
        prefix = DATA_URL.match(text[:200])
        if prefix is None:
            raise InvalidInput.at(
                pointer, "A data URL starts with, for example, data:image/png;base64, and continues in base64."
            )
        media_type, text = prefix["media_type"], text[prefix.end() :]
    return _decoded(text, pointer), media_type and media_type.lower()


def _repaired(text: str) -> str:
    """Undo what shells, Python's ``str(bytes)`` and URL encoding do to base64."""
    text = text.strip()
    if text.startswith(("b'", 'b"')):
        text = text[1:]
    text = text.strip("\"'`")
    for mark in ("%", "\\"):
        if mark in text:
            for escape, character in ESCAPES.items():
                text = text.replace(escape, character)
    return text.strip()


def _without_blanks(text: str) -> str:
    """Remove blanks that separate or indent lines, and turn the others back into the ``+`` of before."""
    if " " not in text or "+" in text:
        return text
    lines = text.splitlines()
    if len(lines) > 1:
        return "".join(lines) if all(line.startswith(" ") for line in lines[1:]) else "".join(lines).replace(" ", "+")
    return text if _has_lines(text) else text.replace(" ", "+")


def _has_lines(text: str) -> bool:
    """Return whether blanks stand for line breaks.

    A length that is a multiple of four, as padded base64 has, shows whether they count; else lines have equal lengths.
    """
    length, count = len(text), text.count(" ")
    if count % GROUP:
        return (length - count) % GROUP == 0
    line = text.index(" ") + 1
    return length // line == count and all(text[end] == " " for end in range(line - 1, length, line))


def _decoded(text: str, pointer: str) -> bytes:
    text = _without_blanks(text)
    try:
        plain = b"".join(chunk.encode("ascii").translate(URL_SAFE, IGNORED) for chunk in _chunks(text))
        plain += b"=" * (-len(plain) % GROUP)
        return b"".join(binascii.a2b_base64(chunk, strict_mode=True) for chunk in _chunks(plain))
    except ValueError as error:  # binascii.Error, or UnicodeEncodeError for text that is not ASCII
        raise InvalidInput.at(pointer, f"The image is not valid base64: {error}.") from None


def _chunks(whole: AnyStr) -> Iterator[AnyStr]:
    for start in range(0, len(whole), CHUNK):
        yield whole[start : start + CHUNK]
