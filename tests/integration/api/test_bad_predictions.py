"""Invalid predictions: the response is a 4xx that names the error and its place, and nothing has changed."""

import io
import json
import pickle
import struct
import zlib

import httpx2
import pytest
from PIL import Image

from tests.integration.api.refusals import png, problem

pytestmark = pytest.mark.usefixtures("nothing_changes")


def claiming_png(side: int) -> bytes:
    """A PNG of a few bytes whose header claims *side* by *side* pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 99)) + chunk(b"IEND", b"")
    )


def gif() -> bytes:
    """A GIF."""
    stream = io.BytesIO()
    Image.new("L", (28, 28)).save(stream, "GIF")
    return stream.getvalue()


PREDICTIONS: dict[str, tuple[bytes, str | None, int]] = {
    "a truncated PNG": (png(100, 100)[:60], "image/png", 422),
    "half a PNG": (png(300, 300)[:-40], "image/png", 422),
    "a PNG of 30,000 by 30,000": (claiming_png(30_000), "image/png", 413),
    "text named PNG": (b"no picture", "image/png", 422),
    "an empty picture": (b"", "image/png", 422),
    "an empty body": (b"", "application/json", 422),
    "no content type, and no format": (b"no picture", None, 415),
    "the content type of curl -d, and no format": (b"a=b", "application/x-www-form-urlencoded", 415),
    "a format that we do not read": (b"II*\0", "image/tiff", 422),
    "a declared format that we do not read": (b"no picture", "image/tiff", 415),
    "a broken content type": (b"no picture", ";;;", 415),
    "NaN pixels": (b'{"pixels": [' + b",".join([b"NaN"] * 784) + b"]}", "application/json", 400),
    "27 by 28": (json.dumps({"pixels": [[0] * 28] * 27}).encode(), "application/json", 422),
    "783 pixels": (json.dumps({"pixels": [0] * 783}).encode(), "application/json", 422),
    "a ragged array": (json.dumps({"pixels": [[0] * 28] * 27 + [[0] * 27]}).encode(), "application/json", 422),
    "numbers as strings": (json.dumps({"pixels": ["0"] * 784}).encode(), "application/json", 422),
    "pixels out of range": (json.dumps({"pixels": [256] * 784}).encode(), "application/json", 422),
    "huge pixels": (json.dumps({"pixels": [10**400] * 784}).encode(), "application/json", 400),
    "deep JSON": (b"[" * 1_000_000, "application/json", 413),
    "JSON a little deep": (b'{"pixels": ' + b"[" * 900 + b"]" * 900 + b"}", "application/json", 422),
    "no JSON": (b'{"pixels"', "application/json", 400),
    "invalid UTF-8": (b'{"image": "\xff\xfe"}', "application/json", 400),
    "a lone surrogate": (b'{"image": "\\ud800"}', "application/json", 400),
    "a NUL": (b'{"image": "\\u0000"}', "application/json", 422),
    "both pixels and image": (json.dumps({"pixels": [0] * 784, "image": ""}).encode(), "application/json", 422),
    "an unknown field": (json.dumps({"pixel": [0] * 784}).encode(), "application/json", 422),
    "no instances": (b'{"instances": []}', "application/json", 422),
    "no array": (b"\x93NUMPY", "application/x-npy", 422),
    "pickled objects": (b"\x93NUMPY\x01\x00v\x00" + pickle.dumps([1]), "application/x-npy", 422),
    "a form without a boundary": (b"--x", "multipart/form-data", 400),
    "a form that ends too soon": (b"--x\r\n", "multipart/form-data; boundary=x", 422),
    "a form of no file": (
        b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\ntext\r\n--x--\r\n',
        "multipart/form-data; boundary=x",
        422,
    ),
    "a form in an unknown charset": (
        b'--x\r\nContent-Disposition: form-data; name="f+2AA-"\r\n\r\ntext\r\n--x--\r\n',
        "multipart/form-data; boundary=x; charset=utf-7",
        422,
    ),
}


@pytest.mark.parametrize("what", PREDICTIONS)
def test_invalid_images_are_refused(client: httpx2.Client, what: str) -> None:
    """Each invalid image gets a problem document with its status."""
    body, content_type, status = PREDICTIONS[what]
    headers = {} if content_type is None else {"content-type": content_type}
    answer = client.post("/v1/predict", content=body, headers=headers)
    problem(answer, status)


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("version=x", "query/version"),
        ("version=0", "query/version"),
        ("trace=perhaps", "query/trace"),
        ("explain=magic", "query/explain"),
        ("colour=red", "query/colour"),
        ("version=1&alias=live", "query"),
        ("model=" + "x" * 65, "query/model"),
    ],
)
def test_a_wrong_query_of_a_prediction_is_refused(client: httpx2.Client, query: str, pointer: str) -> None:
    """The error names the parameter."""
    problem(client.post(f"/v1/predict?{query}", content=png(), headers={"content-type": "image/png"}), 422, pointer)


@pytest.mark.parametrize(
    "query", ["model=letters", "alias=canary", "version=999", f"version={10**30}", "checkpoint=ckpt_x", "model=%00"]
)
def test_a_prediction_by_an_unknown_model_is_not_found(client: httpx2.Client, query: str) -> None:
    """An unknown model, alias, version or checkpoint is a 404."""
    problem(client.post(f"/v1/predict?{query}", content=png(), headers={"content-type": "image/png"}), 404)
