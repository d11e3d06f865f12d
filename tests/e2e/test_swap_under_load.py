"""Swapping what answers while it answers: no request is dropped, and no answer mixes two versions."""

import asyncio
from itertools import cycle

import httpx
import numpy as np
import pytest

import naivenet
from tests.conftest import StartServer

SWAPS, CONNECTIONS = 200, 16
PATHS = ("/v1/predict", "/v1/models/digits:predict", "/v2/models/digits/infer")
ROW = [0.0, 1.0] * 392
BODIES = {
    "/v1/predict": {"pixels": ROW},
    "/v1/models/digits:predict": {"instances": [ROW]},
    "/v2/models/digits/infer": {
        "inputs": [{"name": "pixels", "shape": [1, 784], "datatype": "FP32", "data": ROW}],
    },
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


@pytest.mark.timeout(300)
def test_two_hundred_swaps_under_sixteen_connections(start_server: StartServer) -> None:
    """Every answer belongs to exactly the version that it names, and after a swap only to the one swapped to."""
    server = start_server(trainer=False)
    with server.client() as client:
        digits = {add_version(client, digit): digit for digit in (3, 8)}
    seen = asyncio.run(_swap_and_ask(server.base_url, digits))
    assert set(seen) == set(digits.items()), "both versions answered, each with its own digit"
    assert len(seen) > SWAPS


async def _swap_and_ask(url: str, digits: dict[int, int]) -> list[tuple[int, int]]:
    limits = httpx.Limits(max_connections=CONNECTIONS + 1, keepalive_expiry=2)  # uvicorn closes after 5 seconds
    async with httpx.AsyncClient(base_url=url, timeout=60, limits=limits) as client:
        over = asyncio.Event()
        asking = [asyncio.create_task(_ask(client, path, over)) for _, path in zip(range(CONNECTIONS), cycle(PATHS))]
        for _, version in zip(range(SWAPS), cycle(digits), strict=False):
            swapped = await client.put("/v1/models/digits/aliases/live", json={"version": version})
            assert swapped.status_code == 200, swapped.text
            told = (await client.post("/v1/predict", json=BODIES["/v1/predict"])).json()
            assert (told["version"], told["digit"]) == (version, digits[version])
        over.set()
        return [pair for pairs in await asyncio.gather(*asking) for pair in pairs]


async def _ask(client: httpx.AsyncClient, path: str, over: asyncio.Event) -> list[tuple[int, int]]:
    """Ask again and again; each answer as the version that it names and the digit that it says."""
    seen = []
    while not over.is_set():
        answer = await client.post(path, json=BODIES[path])
        assert answer.status_code == 200, answer.text
        told = answer.json()
        if path == "/v1/predict":
            seen.append((told["version"], told["digit"]))
        elif path.startswith("/v2"):
            seen.append((int(told["model_version"]), int(np.argmax(told["outputs"][0]["data"]))))
        else:
            assert int(np.argmax(told["predictions"][0])) in {3, 8}  # it names no version
    return seen
