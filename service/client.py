"""A Python client of the HTTP API."""

import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx2

from service.domain.job import TERMINAL
from service.errors import Refused, Unreachable
from service.settings import DEFAULT_URL

Json = dict[str, Any]


class Client:
    """A connection to one service.

    Args:
        url: The address of the service.
        key: An API key, if the service requires one.
        timeout_s: How long a response may take, in seconds.
    """

    def __init__(self, url: str = DEFAULT_URL, *, key: str | None = None, timeout_s: float = 30.0) -> None:
        self.url = url
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._http = httpx2.Client(base_url=url, timeout=timeout_s, headers=headers)

    def __enter__(self) -> Self:
        """Keep the connection open until the block ends."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close the connection."""
        self._http.close()

    def create_job(self, config: Json | None = None) -> Json:
        """Create a job; without *config* it trains as the notebook does."""
        return self._json("POST", "/v1/jobs", json=config or {})

    def job(self, job_id: str) -> Json:
        """Return one job."""
        return self._json("GET", f"/v1/jobs/{job_id}")

    def jobs(self, *, limit: int = 20, **filters: str) -> list[Json]:
        """Return the newest jobs, filtered by ``status``, ``group`` or ``metadata[key]``."""
        found: list[Json] = self._json("GET", "/v1/jobs", params={"limit": limit, **filters})["data"]
        return found

    def cancel(self, job_id: str) -> Json:
        """Cancel a job."""
        return self._json("POST", f"/v1/jobs/{job_id}/cancel")

    def delete(self, job_id: str) -> None:
        """Delete a finished job."""
        self._request("DELETE", f"/v1/jobs/{job_id}")

    def history(self, job_id: str, *, granularity: str = "step", after: int = 0) -> Json:
        """Return the points of a job's history after the step *after*."""
        return self._json("GET", f"/v1/jobs/{job_id}/history", params={"granularity": granularity, "after": after})

    def watch(self, job_id: str, *, interval_s: float = 0.3) -> Iterator[Json]:
        """Yield each epoch of a job when it ends, until the job ends."""
        after = 0
        while True:
            newer = self.history(job_id, granularity="epoch", after=after)
            yield from newer["data"]
            after = newer["next_after"]
            if newer["status"] in TERMINAL:
                return
            time.sleep(interval_s)

    def predict(self, image: Path) -> Json:
        """Recognise the digit in an image."""
        return self._json("POST", "/v1/predict", files={"file": (image.name, image.read_bytes())})

    def _json(self, method: str, path: str, **arguments: Any) -> Json:
        content: Json = self._request(method, path, **arguments).json()
        return content

    def _request(self, method: str, path: str, **arguments: Any) -> httpx2.Response:
        try:
            response = self._http.request(method, path, **arguments)
        except httpx2.TransportError as error:
            raise Unreachable(
                f"No service answers at {self.url} ({error}); start one with `naivenet serve`."
            ) from error
        if response.is_error:
            raise _error(response)
        return response


def _error(response: httpx2.Response) -> Refused:
    problem = response.json() if "json" in response.headers.get("content-type", "") else {}
    detail = problem.get("detail", response.text or response.reason_phrase)
    return Refused(detail, status=response.status_code, code=problem.get("code", ""))
