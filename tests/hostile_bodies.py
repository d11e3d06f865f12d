"""Request bodies for the prediction routes that cost much if the service does not guard itself."""

import base64
import io
import struct
import zlib
from typing import Any

import orjson
from PIL import Image

MEGABYTE = 1_000_000

FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF")
OPTIONS: dict[str, dict[str, Any]] = {"WEBP": {"lossless": True, "method": 0}}

TFS, OIP, PREDICT = "/v1/models/digits:predict", "/v2/models/digits/infer", "/v1/predict"
TENSOR = {"name": "pixels", "shape": [1, 784], "datatype": "FP32"}


def bomb_png(side: int) -> bytes:
    """A black PNG of *side* x *side* pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    lines = zlib.compress(bytes(min(side * (side + 1), 60 * MEGABYTE)), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", lines) + chunk(b"IEND", b"")


def false_size(form: str) -> bytes:
    """An image of one pixel whose header claims 30,000 x 30,000, or the most that its format can."""
    data = bytearray(saved(form))
    match form:
        case "GIF":
            struct.pack_into("<HH", data, 6, 30_000, 30_000)
            struct.pack_into("<HH", data, data.index(b"\x2c") + 5, 30_000, 30_000)
        case "BMP":
            struct.pack_into("<ii", data, 18, 30_000, 30_000)
        case "JPEG":
            struct.pack_into(">HH", data, data.index(b"\xff\xc0") + 5, 30_000, 30_000)
        case "WEBP":
            struct.pack_into("<I", data, data.index(b"\x2f") + 1, 0x0FFFFFFF)  # 14 bits each
    return bytes(data)


def black(form: str, side: int) -> bytes:
    """A black image of *side* x *side* pixels: a small file that is large once decoded."""
    stream = io.BytesIO()
    Image.new("L" if form != "WEBP" else "RGB", (side, side)).save(stream, form, **OPTIONS.get(form, {}))
    return stream.getvalue()


def animated(form: str, frames: int = 500) -> bytes:
    """An animation."""
    stream = io.BytesIO()
    first, *others = (Image.new("L", (64, 64), number % 255) for number in range(frames))
    first.save(stream, form, save_all=True, append_images=others)
    return stream.getvalue()


def npy(shape: str) -> bytes:
    """An npy file whose header claims *shape*, without any numbers."""
    header = f"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}".encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header


def saved(form: str) -> bytes:
    """An image of one pixel."""
    stream = io.BytesIO()
    Image.new("L" if form != "WEBP" else "RGB", (1, 1)).save(stream, form, **OPTIONS.get(form, {}))
    return stream.getvalue()


def images() -> dict[str, tuple[str, dict[str, str], bytes]]:
    """Images of every format that are expensive to decode, or nearly empty."""
    bodies = {"a PNG bomb": bomb_png(30_000), "a PNG bomb within the limits": bomb_png(3_999)}
    for form in FORMATS:
        if form != "PNG":
            bodies[f"a {form} of a false size"] = false_size(form)
        if form != "BMP":  # which does not compress
            bodies[f"a {form} over the limit of pixels"] = black(form, 4_500)
            bodies[f"a {form} of 16 million pixels"] = black(form, 3_999)
        bodies[f"a {form} of one pixel"] = saved(form)
    bodies |= {f"a {form} that is animated": animated(form) for form in ("GIF", "WEBP", "PNG")}
    forms = {name: next(form for form in FORMATS if form in name) for name in bodies}
    return {name: (PREDICT, {"Content-Type": f"image/{forms[name].lower()}"}, body) for name, body in bodies.items()}


def hostile_bodies() -> dict[str, tuple[str, dict[str, str], bytes]]:
    """Name -> path, headers and body of a request that costs much if the service does not guard itself."""
    text, octets = {"Content-Type": "application/json"}, {"Content-Type": "application/octet-stream"}
    array = {"Content-Type": "application/x-npy"}
    brackets, deep = b"[" * (15 * MEGABYTE), b'{"a":' * MEGABYTE
    many = orjson.dumps({"instances": [[0.0] * 784] * 1025})
    bodies = images() | {
        "npy of a false size": (PREDICT, array, npy("(999999999, 784)")),
        "npy of another shape": (PREDICT, array, npy("(1, 2, 3, 4, 5)")),
        "base64 of 15 MB": (PREDICT, text, orjson.dumps({"image": base64.b64encode(bytes(11 * MEGABYTE)).decode()})),
        "base64 of 50 MB": (PREDICT, text, b'{"image":"' + b"A" * 50 * MEGABYTE + b'"}'),
        "10,000 instances": (PREDICT, text, orjson.dumps({"instances": [{"pixels": [0] * 784}] * 10_000})),
        "10,000 rows": (TFS, text, orjson.dumps({"instances": [[0] * 784] * 10_000})),
        "1,025 rows": (TFS, text, many),
        "1,024 rows": (TFS, text, orjson.dumps({"instances": [[0.25] * 784] * 1024})),
        "10,000 samples": (OIP, octets, orjson.dumps({"inputs": [{**TENSOR, "shape": [10_000, 784]}]})),
        "a long list": (OIP, text, orjson.dumps({"inputs": [{**TENSOR, "data": [0] * 7_000_000}]})),
        "bytes for no input": (OIP, octets | {"Inference-Header-Content-Length": "2"}, b"{}" + bytes(15 * MEGABYTE)),
    }
    for path in (PREDICT, TFS, OIP):
        bodies[f"brackets to {path}"] = (path, text, brackets)
        bodies[f"depth to {path}"] = (path, text, deep)
    return bodies
