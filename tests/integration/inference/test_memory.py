"""The memory and time that hostile request bodies take."""

import subprocess
import sys

import pytest

MEGABYTE = 2**20

BOMBS = {
    "png rgba": "image/png|image('PNG', 'RGBA', 4000)",
    "png 16 bits": "image/png|image('PNG', 'I;16', 4000)",
    "png bilevel": "image/png|image('PNG', '1', 4000)",
    "jpeg": "image/jpeg|image('JPEG', 'RGB', 4000)",
    "jpeg progressive": "image/jpeg|image('JPEG', 'RGB', 4000, progressive=True, subsampling=0)",
    "webp": "image/webp|image('WEBP', 'RGB', 4000, lossless=True)",
    "webp that fits": "image/webp|image('WEBP', 'RGB', 2200, lossless=True)",
    "gif": "image/gif|image('GIF', 'P', 4000)",
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

def image(kind, mode, side, **options):
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
read_body(image("PNG", "L", 30), "image/png", InputLimits())
with suppress(OSError), open("/proc/self/clear_refs", "w") as reset:
    reset.write("5")  # the peak starts from now
before, start = peak(), time.process_time()
try:
    read_body(body, content_type, InputLimits())
    outcome = "read"
except ServiceError as error:
    outcome = type(error).__name__
print(peak() - before, time.process_time() - start, outcome)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak memory from /proc")
@pytest.mark.parametrize("case", sorted(BOMBS))
def test_a_bomb_takes_under_100_megabytes(case: str) -> None:
    """Reading a decompression bomb takes less than 100 MiB and 3 seconds of CPU, measured in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", MEASURE, BOMBS[case]], capture_output=True, text=True, check=True
    )
    growth, cpu_s, outcome = done.stdout.split()
    assert outcome in {"read", "TooLarge", "InvalidInput"}
    assert int(growth) < 100 * MEGABYTE
    assert float(cpu_s) < 3
    assert not done.stderr


def test_inference_imports_no_tensorflow() -> None:
    """Reading requests and predicting import no TensorFlow."""
    source = (
        "import sys, service.inference.requests.body, service.inference.answers.predictor, "
        "service.inference.answers.prediction_json, service.inference.answers.saliency; "
        "sys.exit('tensorflow' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", source], check=False).returncode == 0
