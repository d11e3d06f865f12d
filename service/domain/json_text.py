"""Parses JSON as clients send it: in UTF-8, with or without a byte order mark, with one type for all numbers."""

from typing import Any

import orjson

from service.errors import MalformedBody

#: The byte order mark that some editors and Windows tools write in front of UTF-8.
BYTE_ORDER_MARK = b"\xef\xbb\xbf"

#: How a body in UTF-16 or UTF-32 begins: with its own mark, or with an ASCII character and a NUL.
_WIDE = (b"\xff\xfe", b"\xfe\xff", b"\x00")

#: Beyond it a float has no exact integer.
_LARGEST_EXACT = 2.0**53


def parse_json(data: bytes) -> Any:
    """Return the parsed JSON.

    Raises:
        MalformedBody: It is no JSON, or not in UTF-8.
    """
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        if data.startswith(BYTE_ORDER_MARK):
            return _parse_marked(data[len(BYTE_ORDER_MARK) :])
        raise _malformed(data, error) from None


def _parse_marked(data: bytes) -> Any:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise _malformed(data, error) from None


def _malformed(data: bytes, error: orjson.JSONDecodeError) -> MalformedBody:
    if data.startswith(_WIDE) or data[1:2] == b"\x00":
        return MalformedBody("The body is in UTF-16 or UTF-32; send JSON in UTF-8.")
    return MalformedBody(f"The body is not valid JSON in UTF-8: {error}.")


def looks_like_json(data: bytes) -> bool:
    """Return whether *data* begins like a JSON object or list, in any encoding."""
    start = data[:64].removeprefix(BYTE_ORDER_MARK).lstrip(b" \t\r\n\xff\xfe\x00")
    return start.startswith((b"{", b"["))


def with_whole_numbers(value: Any) -> Any:
    """Return parsed JSON in which floats such as 128.0 and 1e+05 are integers, as JSON has one type for all numbers."""
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) <= _LARGEST_EXACT else value
    if isinstance(value, dict):
        return {key: with_whole_numbers(each) for key, each in value.items()}
    return [with_whole_numbers(each) for each in value] if isinstance(value, list) else value
