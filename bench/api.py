"""A client of the measured service: queues jobs, and waits until they end."""

import time
from collections.abc import Callable
from typing import Any, TypeVar

import httpx2

T = TypeVar("T")
Json = dict[str, Any]

_TIMEOUT_S = 600.0
_TERMINAL = {"succeeded", "failed", "cancelled"}


def client(port: int) -> httpx2.Client:
    """Return a client of the service on a local port."""
    return httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=30)


def queue(api: httpx2.Client, **fields: object) -> str:
    """Queue a job, and return its id."""
    answer = api.post("/v1/jobs", json=fields).raise_for_status()
    return str(answer.json()["id"])


def job(api: httpx2.Client, job_id: str) -> Json:
    """Return the job."""
    found: Json = api.get(f"/v1/jobs/{job_id}").raise_for_status().json()
    return found


def finished(api: httpx2.Client, job_id: str, *, poll_s: float = 0.1) -> Json:
    """Wait until the job has succeeded, and return it.

    Raises:
        RuntimeError: It failed or was cancelled.
    """

    def ended() -> Json | None:
        found = job(api, job_id)
        return found if found["status"] in _TERMINAL else None

    found = until(ended, what=f"the end of {job_id}", poll_s=poll_s)
    if found["status"] != "succeeded":
        raise RuntimeError(f"{job_id} is {found['status']}: {found['error']}")
    return found


def history(api: httpx2.Client, job_id: str, granularity: str) -> list[Json]:
    """Return the job's history so far, by ``step`` or by ``epoch``."""
    answer = api.get(f"/v1/jobs/{job_id}/history", params={"granularity": granularity}).raise_for_status()
    points: list[Json] = answer.json()["data"]
    return points


def until(ask: Callable[[], T | None], *, what: str, poll_s: float) -> T:
    """Call *ask* until it returns something true, for at most ten minutes, and return that."""
    deadline = time.monotonic() + _TIMEOUT_S
    while time.monotonic() < deadline:
        if found := ask():
            return found
        time.sleep(poll_s)
    raise TimeoutError(f"waited {_TIMEOUT_S:g} s for {what}")
