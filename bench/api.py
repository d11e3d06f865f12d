"""Speaks to a service under test: queues jobs, and waits for what becomes of them."""

import time
from collections.abc import Callable
from typing import Any, TypeVar

import httpx

T = TypeVar("T")
Json = dict[str, Any]

_PATIENCE_S = 600.0
_TERMINAL = {"succeeded", "failed", "cancelled"}


def client(port: int) -> httpx.Client:
    """Speaks to the service on a port of this machine."""
    return httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30)


def queue(api: httpx.Client, **fields: object) -> str:
    """Queue a job; its id."""
    answer = api.post("/v1/jobs", json=fields).raise_for_status()
    return str(answer.json()["id"])


def job(api: httpx.Client, job_id: str) -> Json:
    """The job, as it stands."""
    found: Json = api.get(f"/v1/jobs/{job_id}").raise_for_status().json()
    return found


def finished(api: httpx.Client, job_id: str, *, poll_s: float = 0.1) -> Json:
    """The job, once it has succeeded.

    Raises:
        RuntimeError: It ended in another way.
    """

    def look() -> Json | None:
        found = job(api, job_id)
        return found if found["status"] in _TERMINAL else None

    found = until(look, what=f"the end of {job_id}", poll_s=poll_s)
    if found["status"] != "succeeded":
        raise RuntimeError(f"{job_id} is {found['status']}: {found['error']}")
    return found


def history(api: httpx.Client, job_id: str, granularity: str) -> list[Json]:
    """The job's history so far, by ``step`` or by ``epoch``."""
    answer = api.get(f"/v1/jobs/{job_id}/history", params={"granularity": granularity}).raise_for_status()
    points: list[Json] = answer.json()["data"]
    return points


def until(look: Callable[[], T | None], *, what: str, poll_s: float) -> T:
    """The first answer of *look* that is true, in less than ten minutes."""
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(poll_s)
    raise TimeoutError(f"waited {_PATIENCE_S:g} s for {what}")
