"""Measures how soon instructions to a training job take effect, with several executors in turn."""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx2

from bench.api import job, queue, until
from bench.tables import ratios, spread

#: A job that trains until it is cancelled.
_ENDLESS = {"epochs": 1_000, "seed": 1}

#: An image of 28 x 28 black pixels, for a prediction with the present weights.
_PIXELS = {"pixels": [0] * 784}

_POLL_S = 0.005

#: Seconds by what was waited for.
Seconds = dict[str, float]


def compared(services: Mapping[str, httpx2.Client], *, rounds: int) -> list[list[str]]:
    """Return a row for each instruction: the seconds with each of two services, and the ratio of the second one.

    One job trains at a time: the services take turns in each round. A round before them warms both up.
    """
    found: dict[str, list[Seconds]] = {name: [] for name in services}
    for _ in range(rounds + 1):
        for name, api in services.items():
            found[name].append(dict(_instructed(api)))
    first, second = (values[1:] for values in found.values())
    return [
        [what, *(spread(each, ".3f", " s") for each in (ours, theirs)), spread(ratios(theirs, ours))]
        for what in first[0]
        for ours, theirs in [([each[what] for each in first], [each[what] for each in second])]
    ]


def _instructed(api: httpx2.Client) -> Iterator[tuple[str, float]]:
    """Train a job, and yield each instruction with the seconds until its effect."""
    began = time.monotonic()
    job_id = queue(api, **_ENDLESS)
    path = f"/v1/jobs/{job_id}"

    def trains_after(step: int) -> Callable[[], bool]:
        return lambda: job(api, job_id)["progress"]["step"] > step

    yield "POST: the first loss", _effect(trains_after(0), began)
    time.sleep(1)
    began = time.monotonic()
    api.patch(path, json={"optimizer": {"learning_rate": 0.002}}).raise_for_status()
    yield "PATCH: the change is in the log", _effect(lambda: '"change"' in _events(api, path), began)
    began = time.monotonic()
    api.post("/v1/predict", params={"job": job_id}, json=_PIXELS).raise_for_status()
    yield "prediction with live weights", time.monotonic() - began
    began = time.monotonic()
    api.post(f"{path}/pause").raise_for_status()
    yield "pause: saved, and its slot is free", _effect(_is(api, job_id, "paused"), began)
    step, began = job(api, job_id)["progress"]["step"], time.monotonic()
    api.post(f"{path}/resume").raise_for_status()
    yield "resume: the next loss", _effect(trains_after(step), began)
    time.sleep(1)
    began = time.monotonic()
    api.post(f"{path}/cancel").raise_for_status()
    yield "cancel: it has ended", _effect(_is(api, job_id, "cancelled"), began)


def _effect(ask: Callable[[], Any], began: float) -> float:
    until(ask, what="the effect of an instruction", poll_s=_POLL_S)
    return time.monotonic() - began


def _is(api: httpx2.Client, job_id: str, status: str) -> Callable[[], bool]:
    return lambda: job(api, job_id)["status"] == status


def _events(api: httpx2.Client, path: str) -> str:
    return api.get(f"{path}/events", params={"limit": 1000}).text
