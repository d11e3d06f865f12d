"""The decoders of untrusted bytes, with valid inputs for each, and a mutator that is reproducible by seed."""

import asyncio
import base64
import io
import json
import random
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass

import numpy as np
import orjson
from PIL import Image
from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

import naivenet
from service.errors import ServiceError
from service.inference.limits import InputLimits
from service.inference.requests.body import File, read_body, read_files
from service.inference.requests.json_body import parse
from service.inference.requests.open_inference import read_inference_request

#: Small limits, so that inputs are read or refused quickly.
LIMITS = InputLimits(max_pixels=10_000, max_request_pixels=20_000, max_decoded_bytes=2_000_000, max_instances=8)
_FORM_HEADERS = Headers({"content-type": "multipart/form-data; boundary=edge"})
NETWORK = naivenet.Network(
    layers=(naivenet.Layer(units=2, activation="relu"), naivenet.Layer(units=10, activation="softmax"))
)
MODEL = NETWORK.with_weights([np.zeros(shape, np.float32) for shape in NETWORK.shapes(4)])

#: Tokens that break parsers: extreme numbers, signatures of formats, parts of numbers and of nesting.
TOKENS = (
    *(
        value.to_bytes(size, "little")
        for size in (1, 2, 4, 8)
        for value in (0, 2 ** (8 * size - 1), 2 ** (8 * size) - 1)
    ),
    *(b"\x00", b"\xff\xd8\xff", b"\x89PNG", b"RIFF", b"PK\x03\x04", b"IDAT", b"acTL", b"\x93NUMPY\x01\x00"),
    *(b"NaN", b"-0", b"1e999", b"9" * 40, b"null", b"true", b'"', b"\\ud800", b"[[[[", b"{}", b"}", b",", b"(", b")"),
    *(b"'|O'", b"'<f8'", b"-1", b"999999999", b"__import__", b"\r\n--", b"\r\n\r\n", b"data:image/png;base64,"),
)


@dataclass(frozen=True, kw_only=True)
class Decoder:
    """A decoder of untrusted bytes.

    Attributes:
        read: Reads bytes, or raises a documented error.
        seeds: Valid inputs.
    """

    read: Callable[[bytes], object]
    seeds: tuple[bytes, ...]

    def survives(self, data: bytes) -> bool:
        """Return whether *data* is read (True) or refused with a documented error (False); raise any other error."""
        try:
            self.read(data)
        except (ServiceError, naivenet.NaivenetError, MultiPartException):
            return False
        return True


def mutated(seed: bytes, chance: random.Random) -> bytes:
    """Return the seed with up to eight changes: bytes replaced, removed or repeated, tokens inserted."""
    data = bytearray(seed)
    for _ in range(chance.choice((1, 1, 2, 3, 8))):
        at, kind = chance.randrange(len(data) + 1), chance.randrange(6)
        match kind:
            case 0:
                data[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                del data[at : at + chance.choice((1, 2, 4, 64))]
            case 2:
                data[at:at] = data[at : at + chance.choice((1, 4, 64))]
            case 3:
                data[at:at] = chance.choice(TOKENS)
            case 4:
                token = chance.choice(TOKENS)
                data[at : at + len(token)] = token
            case _:
                del data[at if chance.randrange(8) == 0 else len(data) :]
    return bytes(data)


def _picture(kind: str, mode: str, side: int) -> bytes:
    stream = io.BytesIO()
    pixels = (np.arange(side * side) % 251).astype(np.uint8).reshape(side, side)
    Image.fromarray(pixels).convert(mode).save(stream, kind)
    return stream.getvalue()


def _npy(array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def _read_infer(data: bytes) -> object:
    """Read JSON and the bytes after it; the first two bytes are the length of the JSON, as the protocol's header is."""
    border = 2 + int.from_bytes(data[:2], "little")
    document = parse(data[2:border], LIMITS, wanted="a request")
    return read_inference_request(document, memoryview(data)[border:], LIMITS)


def _infer(document: Mapping[str, object], binary: bytes) -> bytes:
    header = json.dumps(document).encode()
    return len(header).to_bytes(2, "little") + header + binary


def _read_multipart(data: bytes) -> object:
    """Parse a form with Starlette, as the route does, and read its files."""

    async def files() -> list[File]:
        async def body() -> AsyncIterator[bytes]:
            yield data

        form = await MultiPartParser(_FORM_HEADERS, body(), max_files=LIMITS.max_instances).parse()
        uploads = [part for _, part in form.multi_items() if isinstance(part, UploadFile)]
        found = [File(data=await part.read(), media_type=part.content_type) for part in uploads]
        await form.close()
        return found

    return read_files(asyncio.run(files()), LIMITS)


def _form(*parts: bytes) -> bytes:
    head = b'--edge\r\nContent-Disposition: form-data; name="file"; filename="a"\r\nContent-Type: image/png\r\n\r\n'
    return b"".join(head + part + b"\r\n" for part in parts) + b"--edge--\r\n"


def _of(media_type: str, *seeds: bytes) -> Decoder:
    return Decoder(read=lambda data: read_body(data, media_type, LIMITS), seeds=seeds)


_KINDS = {"png": "PNG", "jpeg": "JPEG", "webp": "WEBP", "bmp": "BMP", "gif": "GIF"}
_PIXELS = [[0] * 10 + [255] * 8 + [0] * 10] * 28
_INPUT = {"name": "pixels", "shape": [1, 784], "datatype": "FP32"}

DECODERS: Mapping[str, Decoder] = {
    **{
        name: _of(f"image/{name}", _picture(kind, "L", 28), _picture(kind, "RGB", 33), _picture(kind, "L", 3))
        for name, kind in _KINDS.items()
    },
    "npy": _of("application/x-npy", _npy(np.zeros((2, 784), np.uint8)), _npy(np.ones((28, 28), np.float16))),
    "json": _of(
        "application/json",
        orjson.dumps({"pixels": _PIXELS}),
        orjson.dumps({"instances": [{"pixels": [0.5] * 784}]}),
        orjson.dumps({"image": "data:image/png;base64," + base64.b64encode(_picture("PNG", "L", 9)).decode()}),
    ),
    "multipart": Decoder(
        read=_read_multipart, seeds=(_form(_picture("PNG", "L", 9)), _form(*[_picture("PNG", "L", 3)] * 2))
    ),
    "infer": Decoder(
        read=_read_infer,
        seeds=(
            _infer({"inputs": [{**_INPUT, "parameters": {"binary_data_size": 3136}}]}, bytes(3136)),
            _infer({"id": "1", "inputs": [{**_INPUT, "data": [0] * 784}], "outputs": [{"name": "scores"}]}, b""),
        ),
    ),
    "safetensors": Decoder(read=naivenet.from_safetensors, seeds=(naivenet.to_safetensors(MODEL),)),
    "npz": Decoder(read=lambda data: naivenet.from_npz(data, NETWORK, 4), seeds=(naivenet.to_npz(MODEL),)),
}
