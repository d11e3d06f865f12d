"""The experiment that the tests of experiments send, and its arms."""

from typing import Any

from tests.servers import Json

PATH = "/v1/experiments"

#: A job of a few steps.
QUICK = {"dataset": "tiny", "epochs": 1, "batch_size": 500}


def arm(name: str, **fields: Any) -> Json:
    """Return an arm whose jobs take a moment."""
    return {"name": name, "config": QUICK | fields}


TWO_ARMS = {
    "name": "rates",
    "arms": [arm("small", optimizer={"learning_rate": 0.001}), arm("large", optimizer={"learning_rate": 0.1})],
    "seeds": [3, 1],
    "baseline": "small",
}
