"""Whatever bytes come, the answer is a result or one of our own errors, at a cost that is bounded."""

import subprocess
import sys
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

SOME = settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
FORMATS = ["PNG", "JPEG", "WEBP", "BMP", "GIF"]
MEGABYTE = 2**20


def saved(kind: str) -> bytes:
    """A small picture with every part that a format has."""
    stream = BytesIO()
    picture = Image.fromarray(np.arange(900, dtype=np.uint8).reshape(30, 30)).convert("RGB")
    exif = Image.Exif()
    exif[0x0112] = 6
    options = {"exif": exif} if kind in {"PNG", "JPEG", "WEBP"} else {}
    frames = {"save_all": True, "append_images": [picture.rotate(90)]} if kind in {"PNG", "GIF", "WEBP"} else {}
    picture.save(stream, kind, **options, **frames)
    return stream.getvalue()


def npy() -> bytes:
    """A small array."""
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
def test_damaged_bodies_give_a_result_or_our_own_error(content_type: str, data: st.DataObject) -> None:
    """Bytes changed, cut out and put in anywhere in a good body."""
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
def test_random_bodies_give_a_result_or_our_own_error(content_type: str, body: bytes) -> None:
    """Random bytes, alone and after the first bytes of a good body."""
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
def test_any_json_gives_a_result_or_our_own_error(value: object, places: list[tuple[int, int]]) -> None:
    """Documents of every build, and a good one with anything in its pixels."""
    import orjson  # noqa: PLC0415 -- numbers beyond 64 bits are not for it

    rows: list[list[object]] = [[0] * 28 for _ in range(28)]
    for y, x in places:
        rows[y][x] = value
    for document in (value, {"pixels": value}, {"pixels": rows}, {"instances": [{"pixels": rows}, value]}):
        with suppress(ServiceError, orjson.JSONEncodeError):
            read_body(orjson.dumps(document), "application/json", InputLimits())


BOMBS = {
    "png rgba": "image/png|picture('PNG', 'RGBA', 4000)",
    "png 16 bits": "image/png|picture('PNG', 'I;16', 4000)",
    "png bilevel": "image/png|picture('PNG', '1', 4000)",
    "jpeg": "image/jpeg|picture('JPEG', 'RGB', 4000)",
    "jpeg progressive": "image/jpeg|picture('JPEG', 'RGB', 4000, progressive=True, subsampling=0)",
    "webp": "image/webp|picture('WEBP', 'RGB', 4000, lossless=True)",
    "webp that fits": "image/webp|picture('WEBP', 'RGB', 2200, lossless=True)",
    "gif": "image/gif|picture('GIF', 'P', 4000)",
    "json lists": "application/json|b'[' + b'[],' * 5_000_000 + b'[]]'",
    "json numbers": "application/json|b'[' + b'0,' * 20_000_000 + b'0]'",
    "json texts": "application/json|b'[' + b'\"\",' * 10_000_000 + b'0]'",
    "base64 of 50 MB": "application/json|b'{\"image\":\"' + b'A' * 50_000_000 + b'\"}'",
    "npy of 8 GB": "application/x-npy|npy_of('(1000000, 784)')",
}

MEASURE = """
import sys, time
from contextlib import suppress
from io import BytesIO
from PIL import Image
from service.errors import ServiceError
from service.inference.limits import InputLimits
from service.inference.requests.body import read_body

def picture(kind, mode, side, **options):
    stream = BytesIO()
    Image.new(mode, (side, side)).save(stream, kind, **options)
    return stream.getvalue()

def npy_of(shape):
    header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}\\n".encode()
    return b"\\x93NUMPY\\x01\\x00" + len(header).to_bytes(2, "little") + header

def peak():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) * 1024

content_type, source = sys.argv[1].split("|")
body = eval(source)
read_body(picture("PNG", "L", 30), "image/png", InputLimits())
with suppress(OSError), open("/proc/self/clear_refs", "w") as forget:
    forget.write("5")  # the peak so far
before, start = peak(), time.perf_counter()
try:
    read_body(body, content_type, InputLimits())
    outcome = "read"
except ServiceError as error:
    outcome = type(error).__name__
print(peak() - before, time.perf_counter() - start, outcome)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak of memory from /proc")
@pytest.mark.parametrize("case", sorted(BOMBS))
def test_a_bomb_costs_under_100_megabytes(case: str) -> None:
    """In a process of its own, from the peak before to the peak after."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", MEASURE, BOMBS[case]], capture_output=True, text=True, check=True
    )
    growth, seconds, outcome = done.stdout.split()
    assert outcome in {"read", "TooLarge", "InvalidInput"}
    assert int(growth) < 100 * MEGABYTE
    assert float(seconds) < 3
    assert not done.stderr


def test_reading_and_answering_import_no_tensorflow() -> None:
    """Nothing of this package needs it."""
    source = (
        "import sys, service.inference.requests.body, service.inference.answers.predictor, "
        "service.inference.answers.prediction_json, service.inference.answers.saliency; "
        "sys.exit('tensorflow' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", source], check=False).returncode == 0
