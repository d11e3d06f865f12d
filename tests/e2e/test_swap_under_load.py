"""Swapping what answers while it answers: no request is dropped, and no answer mixes two versions."""

import asyncio
from collections.abc import Callable
from itertools import cycle
from typing import Any, Self

import httpx
import numpy as np
import orjson
import pytest

import naivenet
from tests.conftest import StartServer

SWAPS, CONNECTIONS = 200, 16

#: So often one swaps to a version that has just been added: its weights are loaded beside the load.
NEW_EVERY = 10

#: Between two questions on a connection: without it they queue, and each swap waits its turn a dozen times.
PAUSE_S = 0.005

ROW = [0.0, 1.0] * 392
TENSOR = {"name": "pixels", "shape": [1, 784], "datatype": "FP32", "data": ROW}

#: Where to ask, what, and which version and outputs an answer tells; TensorFlow Serving's tells no version.
WAYS: dict[str, tuple[dict[str, Any], Callable[[Any], tuple[int | None, list[float]]]]] = {
    "/v1/predict": ({"pixels": ROW}, lambda told: (told["version"], told["probabilities"])),
    "/v1/models/digits:predict": ({"instances": [ROW]}, lambda told: (None, told["predictions"][0])),
    "/v2/models/digits/infer": (
        {"inputs": [TENSOR]},
        lambda told: (int(told["model_version"]), told["outputs"][0]["data"]),
    ),
}


def network_that_says(digit: int) -> naivenet.NaiveSequential:
    """Two layers of which each has a share in the answer: with one of another version's it would be another digit."""
    W0, b0 = np.zeros((784, 10), np.float32), np.eye(10, dtype=np.float32)[digit]
    W1 = np.full((10, 10), -9, np.float32)
    W1[digit, digit] = 9
    layers = [naivenet.NaiveDense.from_weights(W0, b0, "relu")]
    layers.append(naivenet.NaiveDense.from_weights(W1, np.zeros(10, np.float32), "softmax"))
    return naivenet.NaiveSequential(layers)


def add_version(client: httpx.Client, digit: int) -> int:
    """Upload a network that says *digit*, as a version of ``digits``."""
    files = {"weights": naivenet.to_safetensors(network_that_says(digit))}
    checkpoint = client.post("/v1/checkpoints", files=files).json()["id"]
    version: int = client.post("/v1/models/digits/versions", json={"checkpoint_id": checkpoint}).json()["version"]
    return version


class Swaps:
    """Points ``live`` from version to version, and knows which an answer may come from."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client
        self.digits: dict[int, int] = {}
        self.begun: list[int] = []
        self.settled, self.over = 0, False

    def add(self) -> int:
        """Another version, which says another digit than the last."""
        digit = len(self.digits) % 10
        version = add_version(self._client, digit)
        self.digits[version] = digit
        return version

    def to(self, version: int) -> None:
        """Point there; whoever asks from now on is answered by it."""
        self.begun.append(version)
        answer = self._client.put("/v1/models/digits/aliases/live", json={"version": version})
        assert answer.status_code == 200, answer.text
        self.settled = len(self.begun) - 1

    def all(self) -> None:
        """Every swap: to the two versions before, in turn, or to a new one."""
        try:
            for number in range(SWAPS):
                self.to(self.add() if number % NEW_EVERY == 0 else list(self.digits)[-1 - number % 2])
        finally:
            self.over = True


class Connection:
    """One connection that stays, without a library between: sixteen ask as fast as the service answers."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def to(cls, port: int) -> Self:
        """Connect."""
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def close(self) -> None:
        """Ask no more."""
        self._writer.close()
        await self._writer.wait_closed()

    async def post(self, path: str, body: bytes) -> Any:
        """What is answered; it must be a 200."""
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        self._writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        status, *headers = (await self._reader.readuntil(b"\r\n\r\n")).lower().splitlines()
        length = next(int(line[15:]) for line in headers if line.startswith(b"content-length:"))
        answer = await self._reader.readexactly(length)
        assert b" 200 " in status, answer
        return orjson.loads(answer)


@pytest.mark.timeout(300)
def test_two_hundred_swaps_under_sixteen_connections(start_server: StartServer) -> None:
    """Each answer is wholly that of the version it names, which was live when it was asked for, or has come since."""
    server = start_server(trainer=False)
    with server.client() as client:
        swaps = Swaps(client)
        swaps.to(swaps.add())
        answers = asyncio.run(_swap_and_ask(server.port, swaps))
    assert len(swaps.begun) == 1 + SWAPS
    assert len(swaps.digits) == 1 + SWAPS / NEW_EVERY
    assert answers > 10 * SWAPS


async def _swap_and_ask(port: int, swaps: Swaps) -> int:
    swapping = asyncio.create_task(asyncio.to_thread(swaps.all))
    asking = [_ask(port, path, swaps) for _, path in zip(range(CONNECTIONS), cycle(WAYS), strict=False)]
    answers = await asyncio.gather(*asking)
    await swapping
    return sum(answers)


async def _ask(port: int, path: str, swaps: Swaps) -> int:
    """Ask again and again, on one connection that must not break; how often."""
    body, read = orjson.dumps(WAYS[path][0]), WAYS[path][1]
    connection, answers = await Connection.to(port), 0
    while not swaps.over:
        settled = swaps.settled
        version, outputs = read(await connection.post(path, body))
        allowed = {each: swaps.digits[each] for each in swaps.begun[settled:]}
        digit = int(np.argmax(outputs))
        assert outputs[digit] > 0.99, outputs
        assert digit in allowed.values() if version is None else allowed.get(version) == digit, (
            version,
            digit,
            allowed,
        )
        answers += 1
        await asyncio.sleep(PAUSE_S)
    await connection.close()
    return answers
