"""Content codings: request bodies in gzip and deflate, and JSON answers that are compressed where asked."""

import gzip
import json
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import numpy as np
import pytest
from tritonclient.http import InferenceServerClient, InferInput, InferRequestedOutput

from tests.conftest import StartServer
from tests.servers import Json, Server

JSON = {"content-type": "application/json"}
PIXELS = json.dumps({"pixels": [0] * 784}).encode()
MB = 1_000_000


def raw_deflate(data: bytes) -> bytes:
    """Deflate without zlib's header, as some clients send it."""
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return compressor.compress(data) + compressor.flush()


def members(data: bytes) -> bytes:
    """Two gzip members, as `cat a.gz b.gz` makes them."""
    return gzip.compress(data[:9]) + gzip.compress(data[9:])


@pytest.mark.parametrize(
    ("coding", "compress"),
    [("gzip", gzip.compress), ("x-gzip", members), ("deflate", zlib.compress), ("Deflate", raw_deflate)],
)
def test_compressed_bodies_are_read(
    client: httpx2.Client, trained: Json, coding: str, compress: Callable[[bytes], bytes]
) -> None:
    """A job's body and a prediction's are what they are without the coding; so is a body in pieces."""
    headers = JSON | {"content-encoding": coding}
    config = compress(b'{"dataset": "tiny", "seed": 7}')
    assert client.post("/v1/jobs?validate_only=true", content=config, headers=headers).json()["seed"] == 7
    plain = client.post("/v1/predict", content=PIXELS, headers=JSON)
    body = compress(PIXELS)
    for content in (body, iter([body[:20], body[20:]])):
        assert client.post("/v1/predict", content=content, headers=headers).content == plain.content


@pytest.mark.parametrize(
    ("coding", "content", "status"),
    [
        ("br", b"...", 415),
        ("gzip, gzip", b"...", 415),
        ("gzip", b"{}", 400),
        ("gzip", gzip.compress(PIXELS, mtime=0)[:-9], 400),
        ("deflate", b"\x78\x9c???", 400),
        ("identity", b"{", 400),
    ],
    ids=["brotli", "twice", "no-gzip", "cut-off", "no-deflate", "none"],
)
def test_other_codings_and_damaged_bodies_are_refused(
    client: httpx2.Client, coding: str, content: bytes, status: int
) -> None:
    """A 415 names the codings that are read, and damaged data is a 400 that names its coding."""
    answer = client.post("/v1/jobs", content=content, headers=JSON | {"content-encoding": coding})
    assert answer.status_code == status
    if status == httpx2.codes.UNSUPPORTED_MEDIA_TYPE:
        assert {"gzip", "deflate"} <= set(answer.headers["accept-encoding"].split(", "))
        assert repr(coding) in answer.json()["detail"]


def bomb(megabytes: int) -> Iterator[bytes]:
    """A gzip body of so many megabytes of zeros: a thousandth of it is sent."""
    compressor = zlib.compressobj(9, wbits=16 + zlib.MAX_WBITS)
    for _ in range(megabytes):
        yield compressor.compress(bytes(MB))
    yield compressor.flush()


def resident_bytes(server: Server) -> int:
    """The memory of the server's process."""
    lines = Path(f"/proc/{server.process.pid}/status").read_text().splitlines()
    return next(1024 * int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


@pytest.mark.parametrize("path", ["/v1/predict", "/v1/jobs", "/v1/models/digits:predict"])
def test_a_bomb_is_a_413(client: httpx2.Client, session_server: Server, trained: Json, path: str) -> None:
    """The limit holds for what the body inflates to, and the process stays as large as it was."""
    headers, sent = JSON | {"content-encoding": "gzip"}, b"".join(bomb(500))
    before = resident_bytes(session_server)
    answer = client.post(path, content=sent, headers=headers)
    assert answer.status_code == httpx2.codes.CONTENT_TOO_LARGE
    assert resident_bytes(session_server) - before < 100 * MB


def test_data_without_content_is_refused(client: httpx2.Client) -> None:
    """Endless empty blocks would inflate to nothing and never reach a limit."""
    empty = zlib.compress(b"")[:2] + b"\x00\x00\x00\xff\xff" * 400_000
    answer = client.post("/v1/jobs", content=empty, headers=JSON | {"content-encoding": "deflate"})
    assert answer.status_code == httpx2.codes.BAD_REQUEST
    assert "inflate to almost nothing" in answer.json()["detail"]


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_long_json_answers_are_compressed_where_asked(client: httpx2.Client, trained: Json, coding: str) -> None:
    """Caches learn that the coding depends on the request, and an ETag is weak."""
    for path in ("/v1/options", f"/v1/jobs/{trained['id']}/history", "/v1/jobs"):
        plain = client.get(path, headers={"accept-encoding": "identity"})
        packed = client.get(path, headers={"accept-encoding": coding})
        assert (packed.headers["content-encoding"], packed.json()) == (coding, plain.json())
        assert int(packed.headers["content-length"]) < int(plain.headers["content-length"]) / 2
        for answer in (plain, packed):
            assert "Accept-Encoding" in answer.headers["vary"]


@pytest.mark.parametrize("accepted", ["identity", "br", "gzip;q=0", ""])
def test_answers_are_plain_where_no_coding_is_accepted(client: httpx2.Client, accepted: str) -> None:
    """A client that does not ask gets plain JSON."""
    assert "content-encoding" not in client.get("/v1/options", headers={"accept-encoding": accepted}).headers


def test_streams_short_answers_and_predictions_are_never_compressed(client: httpx2.Client, trained: Json) -> None:
    """A stream would be delayed, a short answer would not be shorter, and a prediction would be slower."""
    headers = {"accept-encoding": "gzip"}
    stream = client.get(f"/v1/jobs/{trained['id']}/events", headers=headers | {"accept": "text/event-stream"})
    many = client.post("/v1/predict", json={"instances": [{"pixels": [0] * 784}] * 9}, headers=headers)
    for answer in (stream, client.get("/health/live", headers=headers), many):
        assert answer.is_success
        assert "content-encoding" not in answer.headers


@pytest.mark.parametrize("path", ["/openapi.json", "/docs", "/docs/swagger-ui.css", "/"])
def test_static_documents_have_etags(client: httpx2.Client, path: str) -> None:
    """They are compressed once, and a client that has one gets a 304."""
    answer = client.get(path, headers={"accept-encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    again = client.get(path, headers={"accept-encoding": "gzip", "if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (httpx2.codes.NOT_MODIFIED, b"")


@pytest.mark.parametrize("algorithm", ["gzip", "deflate"])
def test_tritons_client_compresses_both_ways(session_server: Server, trained: Json, algorithm: str) -> None:
    """Requests and answers in both codings, in JSON and in binary, are those without a coding."""
    images = np.random.default_rng(1).random((64, 784), np.float32)
    client = InferenceServerClient(f"127.0.0.1:{session_server.port}")
    for is_binary in (True, False):
        inputs = [InferInput("pixels", [64, 784], "FP32").set_data_from_numpy(images, binary_data=is_binary)]
        outputs = [InferRequestedOutput("scores", binary_data=is_binary)]
        compressed = {f"{way}_compression_algorithm": algorithm for way in ("request", "response")}
        answers = [client.infer("digits", inputs, outputs=outputs, **more) for more in ({}, compressed)]
        np.testing.assert_array_equal(*[answer.as_numpy("scores") for answer in answers])
    client.close()


def test_a_compressed_upload_is_read(start_server: StartServer, tmp_path: Path) -> None:
    """An upload over the limit after inflating is a 413, however small it is on the wire."""
    server = start_server(trainer=False, max_upload_bytes=2 * MB)
    form = b'--x\r\nContent-Disposition: form-data; name="weights"; filename="w"\r\n\r\n%b\r\n--x--\r\n'
    headers = {"content-type": "multipart/form-data; boundary=x", "content-encoding": "gzip"}
    with server.client() as client:
        small, large = (
            client.post("/v1/checkpoints", content=gzip.compress(form % data), headers=headers)
            for data in (b"none", bytes(3 * MB))
        )
    assert (small.status_code, large.status_code) == (422, 413)
