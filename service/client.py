"""The API as Python calls, for programs on the other side of the wire."""

import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from service.errors import Refused, Unreachable
from service.settings import DEFAULT_URL

Json = dict[str, Any]

TERMINAL = frozenset({"succeeded", "failed", "cancelled"})


class Client:
    """Speaks to one service.

    Args:
        url: Its address.
        key: What it asks for, where it asks for one.
        timeout_s: How long an answer may take.
    """

    def __init__(self, url: str = DEFAULT_URL, *, key: str | None = None, timeout_s: float = 30.0) -> None:
        self.url = url
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._http = httpx.Client(base_url=url, timeout=timeout_s, headers=headers)

    def __enter__(self) -> Self:
        """Keep the connection until the block ends."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close the connection."""
        self._http.close()

    def create_job(self, config: Json | None = None) -> Json:
        """Queue a job; without *config* the notebook's."""
        return self._json("POST", "/v1/jobs", json=config or {})

    def job(self, job_id: str) -> Json:
        """One job."""
        return self._json("GET", f"/v1/jobs/{job_id}")

    def jobs(self, *, limit: int = 20, **filters: str) -> list[Json]:
        """The newest jobs, by ``status``, ``group`` or ``metadata[key]``."""
        found: list[Json] = self._json("GET", "/v1/jobs", params={"limit": limit, **filters})["data"]
        return found

    def cancel(self, job_id: str) -> Json:
        """End a job."""
        return self._json("POST", f"/v1/jobs/{job_id}/cancel")

    def delete(self, job_id: str) -> None:
        """Remove a finished job."""
        self._answer("DELETE", f"/v1/jobs/{job_id}")

    def history(self, job_id: str, *, granularity: str = "step", after: int = 0) -> Json:
        """What is newer than step *after* of a job's history."""
        return self._json("GET", f"/v1/jobs/{job_id}/history", params={"granularity": granularity, "after": after})

    def watch(self, job_id: str, *, interval_s: float = 0.3) -> Iterator[Json]:
        """A job's epochs as they end, until the job has ended."""
        after = 0
        while True:
            news = self.history(job_id, granularity="epoch", after=after)
            yield from news["data"]
            after = news["next_after"]
            if news["status"] in TERMINAL:
                return
            time.sleep(interval_s)

    def predict(self, picture: Path) -> Json:
        """The digit in a picture."""
        return self._json("POST", "/v1/predict", files={"file": (picture.name, picture.read_bytes())})

    def _json(self, method: str, path: str, **request: Any) -> Json:
        answer: Json = self._answer(method, path, **request).json()
        return answer

    def _answer(self, method: str, path: str, **request: Any) -> httpx.Response:
        try:
            answer = self._http.request(method, path, **request)
        except httpx.TransportError as error:
            raise Unreachable(
                f"No naivenet answers at {self.url} ({error}); start one with `naivenet serve`."
            ) from error
        if answer.is_error:
            raise _refusal(answer)
        return answer


def _refusal(answer: httpx.Response) -> Refused:
    problem = answer.json() if "json" in answer.headers.get("content-type", "") else {}
    detail = problem.get("detail", answer.text or answer.reason_phrase)
    return Refused(detail, status=answer.status_code, code=problem.get("code", ""))
