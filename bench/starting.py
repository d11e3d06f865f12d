"""Measures how long `naivenet serve` takes until it is ready, and the memory of the API's process."""

from dataclasses import dataclass

import httpx2

from bench.api import client
from bench.memory import resident_mb
from bench.request_bodies import Body
from bench.server import naivenet
from bench.tables import spread, table

_PREDICTIONS = 200


@dataclass(frozen=True, kw_only=True)
class Start:
    """One start: seconds until `/health/ready` returned 200, and memory then and after predictions."""

    ready_s: float
    ready_mb: float
    later_mb: float


def start(data_dir: str, bodies: list[Body]) -> Start:
    """Start the service on an existing data folder, send predictions, and stop it."""
    with naivenet(data_dir) as server, client(server.port) as api:
        ready_mb = resident_mb(server.pid)
        for body in bodies:
            _predict(api, body)
        return Start(ready_s=server.ready_s, ready_mb=ready_mb, later_mb=resident_mb(server.pid))


def lines(starts: list[Start]) -> list[str]:
    """Return a table of the results."""
    rows = [
        ["from `naivenet serve` to 200 from `/health/ready`", spread([each.ready_s for each in starts], ".2f", " s")],
        ["resident memory of the API's process, ready", spread([each.ready_mb for each in starts], ".0f", " MB")],
        [
            f"the same after {_PREDICTIONS} predictions of each kind",
            spread([each.later_mb for each in starts], ".0f", " MB"),
        ],
    ]
    return table(["`naivenet serve`, on an existing data folder and a warm disk", "median"], rows)


def _predict(api: httpx2.Client, body: Body) -> None:
    for _ in range(_PREDICTIONS):
        api.post("/v1/predict", content=body.data, headers={"content-type": body.media_type}).raise_for_status()
