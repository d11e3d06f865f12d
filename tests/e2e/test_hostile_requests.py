"""Hostile bodies for every way to ask: refused, while memory stays and nobody else waits."""

import base64
import io
import struct
import threading
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import orjson
import pytest
from PIL import Image

from tests.conftest import StartServer
from tests.e2e.test_swap_under_load import add_version
from tests.servers import Server

MEGABYTE = 1_000_000
MOST_GROWTH = 100 * MEGABYTE

#: What another request may wait for, in seconds: 50 ms on a machine that has nothing else to do.
LONGEST_WAIT_S = 0.05
SLACK = 4.0

FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF")
OPTIONS: dict[str, dict[str, Any]] = {"WEBP": {"lossless": True, "method": 0}}

TFS, OIP, PREDICT = "/v1/models/digits:predict", "/v2/models/digits/infer", "/v1/predict"
TENSOR = {"name": "pixels", "shape": [1, 784], "datatype": "FP32"}


def bomb_png(side: int) -> bytes:
    """A PNG of *side* squared pixels, all of them black."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    lines = zlib.compress(bytes(min(side * (side + 1), 60 * MEGABYTE)), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", lines) + chunk(b"IEND", b"")


def lying(form: str) -> bytes:
    """A picture of one pixel that says it has 30,000 by 30,000, or as many as its format can say."""
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
    """A picture of *side* squared pixels, all of them black: small as a file, and large once it is decoded."""
    stream = io.BytesIO()
    Image.new("L" if form != "WEBP" else "RGB", (side, side)).save(stream, form, **OPTIONS.get(form, {}))
    return stream.getvalue()


def animated(form: str, frames: int = 500) -> bytes:
    """A picture that moves."""
    stream = io.BytesIO()
    first, *others = (Image.new("L", (64, 64), number % 255) for number in range(frames))
    first.save(stream, form, save_all=True, append_images=others)
    return stream.getvalue()


def npy(shape: str) -> bytes:
    """An npy file whose header says *shape*, and that has no numbers."""
    header = f"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}".encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header


def saved(form: str) -> bytes:
    """A picture of one pixel."""
    stream = io.BytesIO()
    Image.new("L" if form != "WEBP" else "RGB", (1, 1)).save(stream, form, **OPTIONS.get(form, {}))
    return stream.getvalue()


def pictures() -> dict[str, tuple[str, dict[str, str], bytes]]:
    """Pictures of every format that cost much, or have hardly anything in them."""
    bodies = {"a PNG bomb": bomb_png(30_000), "a PNG bomb within the limits": bomb_png(3_999)}
    for form in FORMATS:
        if form != "PNG":
            bodies[f"a {form} that lies"] = lying(form)
        if form != "BMP":  # of which each pixel is in the file
            bodies[f"a {form} over the limit of pixels"] = black(form, 4_500)
            bodies[f"a {form} of 16 million pixels"] = black(form, 3_999)
        bodies[f"a {form} of one pixel"] = saved(form)
    bodies |= {f"a {form} that moves": animated(form) for form in ("GIF", "WEBP", "PNG")}
    forms = {name: next(form for form in FORMATS if form in name) for name in bodies}
    return {name: (PREDICT, {"Content-Type": f"image/{forms[name].lower()}"}, body) for name, body in bodies.items()}


def hostile() -> dict[str, tuple[str, dict[str, str], bytes]]:
    """Bodies that cost much where nobody minds: path, headers, body."""
    text, octets = {"Content-Type": "application/json"}, {"Content-Type": "application/octet-stream"}
    array = {"Content-Type": "application/x-npy"}
    brackets, deep = b"[" * (15 * MEGABYTE), b'{"a":' * MEGABYTE
    many = orjson.dumps({"instances": [[0.0] * 784] * 1025})
    bodies = pictures() | {
        "npy that lies": (PREDICT, array, npy("(999999999, 784)")),
        "npy of another shape": (PREDICT, array, npy("(1, 2, 3, 4, 5)")),
        "base64 of 15 MB": (PREDICT, text, orjson.dumps({"image": base64.b64encode(bytes(11 * MEGABYTE)).decode()})),
        "base64 of 50 MB": (PREDICT, text, b'{"image":"' + b"A" * 50 * MEGABYTE + b'"}'),
        "10,000 instances": (PREDICT, text, orjson.dumps({"instances": [{"pixels": [0] * 784}] * 10_000})),
        "10,000 rows": (TFS, text, orjson.dumps({"instances": [[0] * 784] * 10_000})),
        "1,025 rows": (TFS, text, many),
        "1,024 rows": (TFS, text, orjson.dumps({"instances": [[0.25] * 784] * 1024})),
        "10,000 samples": (OIP, octets, orjson.dumps({"inputs": [{**TENSOR, "shape": [10_000, 784]}]})),
        "a long list": (OIP, text, orjson.dumps({"inputs": [{**TENSOR, "data": [0] * 7_000_000}]})),
        "bytes for nobody": (OIP, octets | {"Inference-Header-Content-Length": "2"}, b"{}" + bytes(15 * MEGABYTE)),
    }
    for path in (PREDICT, TFS, OIP):
        bodies[f"brackets to {path}"] = (path, text, brackets)
        bodies[f"depth to {path}"] = (path, text, deep)
    return bodies


#: What is answered otherwise than its kind is. Decoding WebP takes four times as much a pixel as the other formats.
OTHERWISE = {"a PNG bomb within the limits": 200, "a WEBP of 16 million pixels": 413, "1,024 rows": 200}
OTHERWISE |= {"npy of another shape": 422, "base64 of 15 MB": 422, "bytes for nobody": 400}


def wanted(name: str) -> int:
    """The status that a hostile body is answered with: it is too large, unless it only looks so."""
    harmless = name.endswith(("of one pixel", "that moves", "of 16 million pixels"))
    return OTHERWISE.get(name, 200 if harmless else 413)


class Watch(threading.Thread):
    """Asks whether the service lives, again and again, and keeps how long that took, and the most memory it had."""

    def __init__(self, server: Server) -> None:
        super().__init__(daemon=True)
        self._server, self.over, self.waits, self.most_bytes = server, threading.Event(), [0.0], 0

    def run(self) -> None:
        """Ask."""
        with self._server.client() as client:
            while not self.over.is_set():
                began = time.perf_counter()
                assert client.get("/v2/health/live").status_code == 200
                self.waits.append(time.perf_counter() - began)
                self.most_bytes = max(self.most_bytes, resident_bytes(self._server))
                time.sleep(0.002)


def resident_bytes(server: Server) -> int:
    """Memory of the service's process, without its trainer's."""
    pages = int(Path(f"/proc/{server.process.pid}/statm").read_text().split()[1])
    return pages * 4096


@pytest.mark.timeout(300)
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read as Linux tells it")
def test_hostile_bodies_cost_little_and_hold_up_nobody(start_server: StartServer) -> None:
    """Each is answered as its kind is; the process is at no time 100 MB larger, and other requests hardly wait."""
    server = start_server(trainer=False)
    with server.client() as client:
        add_version(client, 3)
        client.post(TFS, json={"instances": [[0.5] * 784] * 1024})
        before, bodies = resident_bytes(server), hostile()
        watch = Watch(server)
        watch.start()
        for _ in range(2):
            for name, (path, headers, body) in bodies.items():
                answer = _sent(lambda p=path, h=headers, b=body: client.post(p, headers=h, content=b))
                if answer is None:
                    assert wanted(name) == 413, name
                    continue
                assert answer.status_code == wanted(name), (name, answer.text)
                if answer.is_error:
                    assert ("error" in answer.json()) is (path != PREDICT), (name, answer.text)
        watch.over.set()
        watch.join()
        assert client.post(PREDICT, json={"pixels": [0] * 784}).status_code == 200
    assert watch.most_bytes - before < MOST_GROWTH
    assert np.percentile(watch.waits, 99) < LONGEST_WAIT_S * SLACK, sorted(watch.waits)[-5:]


def _sent(send: Callable[[], httpx.Response]) -> httpx.Response | None:
    """The answer; None where the service had refused before all was sent, and closed the connection."""
    try:
        return send()
    except httpx.TransportError:
        return None
