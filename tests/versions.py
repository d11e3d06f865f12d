"""Versions of ``digits`` that always predict the same digit, for tests that must know which version answered."""

import httpx2
import numpy as np

import naivenet


def network_predicting(digit: int) -> naivenet.NaiveSequential:
    """Two layers that predict *digit* only together: with a layer of another digit's network the output differs."""
    W0, b0 = np.zeros((784, 10), np.float32), np.eye(10, dtype=np.float32)[digit]
    W1 = np.full((10, 10), -9, np.float32)
    W1[digit, digit] = 9
    layers = [naivenet.NaiveDense.from_weights(W0, b0, "relu")]
    layers.append(naivenet.NaiveDense.from_weights(W1, np.zeros(10, np.float32), "softmax"))
    return naivenet.NaiveSequential(layers)


def add_version(client: httpx2.Client, digit: int) -> int:
    """Upload a network that predicts *digit* as a version of ``digits``; return the version's number."""
    files = {"weights": naivenet.to_safetensors(network_predicting(digit))}
    checkpoint = client.post("/v1/checkpoints", files=files).json()["id"]
    version: int = client.post("/v1/models/digits/versions", json={"checkpoint_id": checkpoint}).json()["version"]
    return version
