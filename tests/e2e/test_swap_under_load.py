"""The alias ``live`` moves while clients predict: no request fails, and no prediction mixes two versions."""

import asyncio
from collections.abc import Callable
from typing import Any, Self

import httpx2
import numpy as np
import orjson

from tests.conftest import StartServer
from tests.servers import until
from tests.versions import add_version

#: How often the alias moves, and every which time to a version that was just added and has to be loaded.
SWAPS, NEW_EVERY = 40, 5

#: Connections that predict all the time, for each protocol.
CONNECTIONS_PER_PROTOCOL = 3

#: The pause between two requests of a connection, so that the swaps get their share of a slow machine.
PAUSE_S = 0.005

ROW = [0.0, 1.0] * 392
TENSOR = {"name": "pixels", "shape": [1, 784], "datatype": "FP32", "data": ROW}

Read = Callable[[Any], tuple[int | None, list[float]]]

#: Path -> request body, and how to read version and outputs from the response; TensorFlow Serving names no version.
PROTOCOLS: dict[str, tuple[dict[str, Any], Read]] = {
    "/v1/predict": ({"pixels": ROW}, lambda answer: (answer["version"], answer["probabilities"])),
    "/v1/models/digits:predict": ({"instances": [ROW]}, lambda answer: (None, answer["predictions"][0])),
    "/v2/models/digits/infer": (
        {"inputs": [TENSOR]},
        lambda answer: (int(answer["model_version"]), answer["outputs"][0]["data"]),
    ),
}


class Swaps:
    """Moves ``live`` from version to version, and knows which versions a response may come from.

    Attributes:
        digits: The digit that each version predicts.
        begun: The versions that ``live`` was moved to, in order; the last move may still be under way.
        completed: The index in *begun* of the last move that is complete.
        over: Whether all moves are complete, or a move or a prediction has failed.
    """

    def __init__(self, client: httpx2.Client) -> None:
        self._client = client
        self.digits: dict[int, int] = {}
        self.begun: list[int] = []
        self.completed, self.over = 0, False

    def add(self) -> int:
        """Add a version that predicts another digit than the one before."""
        digit = len(self.digits) % 10
        version = add_version(self._client, digit)
        self.digits[version] = digit
        return version

    def move_to(self, version: int) -> None:
        """Move ``live``; requests that start after this are answered by this version."""
        self.begun.append(version)
        answer = self._client.put("/v1/models/digits/aliases/live", json={"version": version})
        assert answer.status_code == 200, answer.text
        self.completed = len(self.begun) - 1

    def run(self, connections: "list[Connection]") -> None:
        """Move to each of the last two versions in turn, and now and then to a new one; all connections follow."""
        try:
            for number in range(SWAPS):
                self.move_to(self.add() if number % NEW_EVERY == 0 else list(self.digits)[-1 - number % 2])
                self._wait_for_answers(connections)
                if self.over:
                    break
        finally:
            self.over = True

    def _wait_for_answers(self, connections: "list[Connection]") -> None:
        counts = [connection.answers for connection in connections]
        until(
            lambda: self.over or all(each.answers > n for each, n in zip(connections, counts, strict=True)),
            what="answers",
        )


class Connection:
    """One HTTP connection that stays open, without a library's overhead, and predicts until the swaps are over."""

    def __init__(self, path: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._path, self._reader, self._writer = path, reader, writer
        self.answers = 0

    @classmethod
    async def open(cls, port: int, path: str) -> Self:
        """Connect."""
        return cls(path, *await asyncio.open_connection("127.0.0.1", port))

    async def predict(self, swaps: Swaps) -> None:
        """Predict again and again; each response must come from a version that was live during the request."""
        body, read = PROTOCOLS[self._path]
        content = orjson.dumps(body)
        while not swaps.over:
            completed = swaps.completed
            version, outputs = read(await self._post(content))
            allowed = {each: swaps.digits[each] for each in swaps.begun[completed:]}
            digit = int(np.argmax(outputs))
            assert outputs[digit] > 0.99, outputs
            if version is None:
                assert digit in allowed.values(), (digit, allowed)
            else:
                assert allowed.get(version) == digit, (version, digit, allowed)
            self.answers += 1
            await asyncio.sleep(PAUSE_S)
        self._writer.close()

    async def _post(self, body: bytes) -> Any:
        head = f"POST {self._path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        self._writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        status, *headers = (await self._reader.readuntil(b"\r\n\r\n")).lower().splitlines()
        length = next(int(line[15:]) for line in headers if line.startswith(b"content-length:"))
        answer = await self._reader.readexactly(length)
        assert b" 200 " in status, answer
        return orjson.loads(answer)


def test_swaps_under_load(start_server: StartServer) -> None:
    """Each response is computed by the version that it names, which was live at some time during the request."""
    server = start_server(trainer=False)
    with server.client() as client:
        swaps = Swaps(client)
        swaps.move_to(swaps.add())
        asyncio.run(_swap_and_predict(server.port, swaps))
    assert len(swaps.begun) == 1 + SWAPS
    assert len(swaps.digits) == 1 + SWAPS / NEW_EVERY


async def _swap_and_predict(port: int, swaps: Swaps) -> None:
    connections = [await Connection.open(port, path) for path in PROTOCOLS for _ in range(CONNECTIONS_PER_PROTOCOL)]
    swapping = asyncio.create_task(asyncio.to_thread(swaps.run, connections))
    try:
        await asyncio.gather(*(connection.predict(swaps) for connection in connections))
    finally:
        swaps.over = True
        await swapping
