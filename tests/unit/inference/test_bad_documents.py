"""An invalid JSON body is refused with the place and the reason."""

from typing import Any

import numpy as np
import orjson
import pytest
from numpy.typing import NDArray

from service.errors import InvalidInput, MalformedBody
from service.inference.limits import InputLimits
from service.inference.requests.body import read_body

Bytes = NDArray[np.uint8]

ZEROS = [[0] * 28 for _ in range(28)]


def with_pixel(value: Any, y: int = 3, x: int = 14) -> list[list[Any]]:
    """28 rows of 28 zeros, and one other value."""
    rows: list[list[Any]] = [list(row) for row in ZEROS]
    rows[y][x] = value
    return rows


def refusal(document: Any, limits: InputLimits) -> tuple[str, str]:
    """The pointer and the message of the error for a JSON body."""
    body = document if isinstance(document, bytes) else orjson.dumps(document)
    with pytest.raises(InvalidInput) as caught:
        read_body(body, "application/json", limits)
    return caught.value.errors[0].pointer, caught.value.errors[0].message


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (256, "256"),
        (-1, "-1"),
        (10**30, "1e+30"),
        (0.5 + 1, "1.5"),
        (-0.25, "-0.25"),
        ("7", "a string"),
        (True, "a boolean"),
        (False, "a boolean"),
        (None, "null"),
        ([0], "a list"),
        ({}, "an object"),
    ],
)
def test_a_wrong_pixel_is_named_with_its_place(limits: InputLimits, value: Any, name: str) -> None:
    """One wrong pixel among 784 is named with its place: in rows, flat, and in a batch."""
    rows = with_pixel(value)
    body = orjson.dumps(rows) if value != 10**30 else orjson.dumps(with_pixel(77)).replace(b"77", b"1" + b"0" * 30)
    documents = {
        "/pixels/3/14": b'{"pixels": %b}' % body,
        "/pixels/98": b'{"pixels": [%b]}' % body.replace(b"[", b"").replace(b"]", b"")
        if not isinstance(value, list)
        else orjson.dumps({"pixels": [pixel for row in rows for pixel in row]}),
        "/instances/1/pixels/3/14": b'{"instances": [{"pixels": %b}, {"pixels": %b}]}' % (orjson.dumps(ZEROS), body),
    }
    for pointer, document in documents.items():
        where, message = refusal(document, limits)
        assert where == pointer
        assert message.endswith(f"this is {name}.")


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"-Infinity", b"1e999", b"nan", b"01", b"1.", b"+1", b"'1'"])
def test_numbers_that_json_does_not_have_are_refused(limits: InputLimits, number: bytes) -> None:
    """Numbers that JSON does not have, such as NaN, are refused, although Python's parser accepts them."""
    body = orjson.dumps({"pixels": with_pixel(77)}).replace(b"77", number)
    with pytest.raises(MalformedBody, match="not valid JSON"):
        read_body(body, "application/json", limits)


@pytest.mark.parametrize(
    "text", [b"{", b"not json", b'{"pixels": "\xff\xfe"}', b"[" * 5000, b'{"instances":' * 900, b"\xef\xbb\xbf" * 9]
)
def test_text_that_is_not_json_is_malformed(limits: InputLimits, text: bytes) -> None:
    """It is the same error as on every other route."""
    with pytest.raises(MalformedBody, match="not valid JSON"):
        read_body(text, "application/json", limits)


@pytest.mark.parametrize(
    ("value", "pointer"),
    [
        (ZEROS[:27], "/pixels"),
        ([[0] * 27] * 28, "/pixels/0"),
        ([*ZEROS[:5], [0] * 29, *ZEROS[6:]], "/pixels/5"),
        ([*ZEROS[:5], 0, *ZEROS[6:]], "/pixels/5"),
        ([*ZEROS[:5], None, *ZEROS[6:]], "/pixels/5"),
        ([0, *ZEROS[1:]], "/pixels"),
        ([], "/pixels"),
        ([0] * 783, "/pixels"),
        ([0] * 28, "/pixels"),
        ([[0] * 28] * 784, "/pixels"),
        ([[]] * 784, "/pixels/0"),
        ("0" * 784, "/pixels"),
        (None, "/pixels"),
        (5, "/pixels"),
        (True, "/pixels"),
        ({"0": 1}, "/pixels"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_wrong_shape_is_named_with_its_place(limits: InputLimits, value: Any, pointer: str) -> None:
    """Too few rows, rows of unequal length and other shapes are refused with their place."""
    assert refusal({"pixels": value}, limits)[0] == pointer


@pytest.mark.parametrize(
    ("document", "pointer"),
    [
        (b"", ""),
        (b"\xef\xbb\xbf{}", ""),
        ({}, ""),
        ([], ""),
        ([{"pixels": ZEROS}], ""),
        (None, ""),
        (5, ""),
        ({"pixel": ZEROS}, "/pixel"),
        ({"pixels": ZEROS, "a/b~c": 1}, "/a~1b~0c"),
        ({"pixels": ZEROS, "image": ""}, ""),
        ({"pixels": ZEROS, "instances": []}, ""),
        ({"instances": []}, "/instances"),
        ({"instances": {}}, "/instances"),
        ({"instances": None}, "/instances"),
        ({"instances": [5]}, "/instances/0"),
        ({"instances": [ZEROS]}, "/instances/0"),
        ({"instances": [{"pixels": ZEROS}, {}]}, "/instances/1"),
        ({"instances": [{"instances": []}]}, "/instances/0/instances"),
        ({"image": None}, "/image"),
        ({"image": 5}, "/image"),
        ({"image": ""}, "/image"),
        ({"image": "****"}, "/image"),
        ({"image": "abcde"}, "/image"),
        ({"image": "ünïcode"}, "/image"),
        ({"image": "aGVsbG8="}, "/image"),
        ({"image": "data:image/png,rawbytes"}, "/image"),
        ({"image": "data:image/tiff;base64,iVBORw0KGgo="}, "/image"),
        ({"image": "https://example.org/7.png"}, "/image"),
        ({"instances": [{"pixels": ZEROS}, {"image": "aGVsbG8="}]}, "/instances/1/image"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_wrong_document_is_refused_with_its_place(limits: InputLimits, document: Any, pointer: str) -> None:
    """Unknown fields, two forms at once and an empty object are refused with their place."""
    assert refusal(document, limits)[0] == pointer
