"""Keras behind FastAPI: the model is loaded once, and called in a plain route."""

import os
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

from bench.servers import Network, arguments


class Picture(BaseModel):
    """The request body."""

    pixels: list[list[float]]


def create_app(path: str) -> FastAPI:
    """Build an application with one route."""
    layers = [keras.layers.Dense(512, activation="relu"), keras.layers.Dense(10, activation="softmax")]
    model = keras.Sequential([keras.Input((784,)), *layers])
    model.set_weights(Network(path).weights)
    app = FastAPI()

    @app.post("/predict")
    def predict(picture: Picture) -> dict[str, Any]:
        x = np.asarray(picture.pixels, np.float32).reshape(1, -1) / np.float32(255)
        return {"probabilities": np.asarray(model(x))[0].tolist()}

    @app.get("/health")
    def health() -> str:
        return "ok"

    return app


if __name__ == "__main__":
    given = arguments()
    uvicorn.run(create_app(given.weights), host="127.0.0.1", port=given.port, log_level="warning", access_log=False)
