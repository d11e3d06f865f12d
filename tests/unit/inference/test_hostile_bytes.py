"""Any bytes give a batch or an error of the service, never another exception."""

from contextlib import suppress
from io import BytesIO

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from service.errors import ServiceError
from service.inference.limits import InputLimits
from service.inference.requests.body import read_body

SOME = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
FORMATS = ["PNG", "JPEG", "WEBP", "BMP", "GIF"]


def saved(kind: str) -> bytes:
    """A small image with the optional parts of its format: EXIF and a second frame."""
    stream = BytesIO()
    picture = Image.fromarray(np.arange(900, dtype=np.uint8).reshape(30, 30)).convert("RGB")
    exif = Image.Exif()
    exif[0x0112] = 6
    options = {"exif": exif} if kind in {"PNG", "JPEG", "WEBP"} else {}
    frames = {"save_all": True, "append_images": [picture.rotate(90)]} if kind in {"PNG", "GIF", "WEBP"} else {}
    picture.save(stream, kind, **options, **frames)
    return stream.getvalue()


def npy() -> bytes:
    """A small array as an ``.npy`` file."""
    stream = BytesIO()
    np.save(stream, np.zeros((2, 784), np.uint8))
    return stream.getvalue()


SEEDS = {f"image/{kind.lower()}": saved(kind) for kind in FORMATS} | {
    "application/x-npy": npy(),
    "application/json": b'{"instances": [{"pixels": [[0, 1.5, true, null, "a"]]}, {"image": "iVBORw0KGgo="}]}',
}


@pytest.mark.parametrize("content_type", sorted(SEEDS))
@SOME
@given(data=st.data())
def test_damaged_bodies_give_a_result_or_an_error_of_the_service(content_type: str, data: st.DataObject) -> None:
    """A valid body with bytes changed, removed and inserted is read or refused."""
    body = bytearray(SEEDS[content_type])
    for _ in range(data.draw(st.integers(1, 6))):
        start = data.draw(st.integers(0, len(body)))
        stop = start + data.draw(st.integers(0, 8))
        body[start:stop] = data.draw(st.binary(max_size=8))
    with suppress(ServiceError):
        read_body(bytes(body), content_type, InputLimits())


@pytest.mark.parametrize("content_type", sorted(SEEDS))
@SOME
@given(body=st.binary(max_size=300))
def test_random_bodies_give_a_result_or_an_error_of_the_service(content_type: str, body: bytes) -> None:
    """Random bytes, alone and after the first bytes of a valid body, are read or refused."""
    for prefix in (b"", SEEDS[content_type][:16], SEEDS[content_type][:60]):
        with suppress(ServiceError):
            read_body(prefix + body, content_type, InputLimits())


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(st.sampled_from(["pixels", "image", "instances", "x"]), inner, max_size=3)
    ),
    max_leaves=20,
)


@SOME
@given(value=JSON_VALUES, places=st.lists(st.tuples(st.integers(0, 27), st.integers(0, 27)), max_size=3))
def test_any_json_gives_a_result_or_an_error_of_the_service(value: object, places: list[tuple[int, int]]) -> None:
    """JSON of any structure, and a valid document with any value among its pixels, is read or refused."""
    import orjson  # noqa: PLC0415 -- imported here, as it refuses numbers beyond 64 bits

    rows: list[list[object]] = [[0] * 28 for _ in range(28)]
    for y, x in places:
        rows[y][x] = value
    for document in (value, {"pixels": value}, {"pixels": rows}, {"instances": [{"pixels": rows}, value]}):
        with suppress(ServiceError, orjson.JSONEncodeError):
            read_body(orjson.dumps(document), "application/json", InputLimits())
