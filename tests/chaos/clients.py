"""Clients of a service that keeps dying: each asks until it is answered, and notes what it was told."""

import contextlib
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Sequence

import httpx

from tests.servers import TERMINAL, Json, Server

#: How long a client waits before it asks again, and how long for an answer.
PAUSE_S, TIMEOUT_S = 0.2, 20.0


class Caller:
    """Asks one of several servers after the other until one answers.

    Attributes:
        answers: How often each status was answered, and how often nobody did.
    """

    def __init__(self, servers: Sequence[Server], answers: Counter[str]) -> None:
        self._urls = [server.base_url for server in servers]
        self.answers = answers

    def ask(self, method: str, path: str, **request: object) -> httpx.Response:
        """The first answer that is not 'come back later'."""
        while True:
            random.shuffle(self._urls)
            for url in self._urls:
                with contextlib.suppress(httpx.TransportError):
                    answer = httpx.request(method, url + path, timeout=TIMEOUT_S, **request)  # type: ignore[arg-type]  # as httpx takes it
                    self.answers[f"{answer.status_code}"] += 1
                    if answer.status_code not in {429, 503, 504}:
                        return answer
                    continue
                self.answers["no answer"] += 1
            time.sleep(PAUSE_S)

    def job(self, job_id: str) -> Json:
        """The job."""
        job: Json = self.ask("GET", f"/v1/jobs/{job_id}").json()
        return job


class Watcher(threading.Thread):
    """Watches a job's log through all that happens, by streams or by long polls, until the terminal status.

    Attributes:
        seen: Every event, as it was told.
        reconnections: How often it had to come back.
    """

    def __init__(self, servers: Sequence[Server], job_id: str, *, streams: bool) -> None:
        super().__init__(daemon=True, name=f"watcher-{job_id}")
        self._urls, self._job_id, self._streams = [server.base_url for server in servers], job_id, streams
        self.seen: list[Json] = []
        self.reconnections = 0

    def run(self) -> None:
        """Watch."""
        while not (self.seen and self.seen[-1]["data"].get("status") in TERMINAL):
            self._urls.reverse()  # the next time another process
            url = f"{self._urls[0]}/v1/jobs/{self._job_id}/events"
            with contextlib.suppress(httpx.TransportError):
                (self._stream if self._streams else self._poll)(url)
            self.reconnections += 1
            time.sleep(PAUSE_S)

    def _stream(self, url: str) -> None:
        headers = {"accept": "text/event-stream", "last-event-id": str(len(self.seen))}
        with httpx.stream("GET", url, headers=headers, timeout=TIMEOUT_S) as answer:
            for line in answer.iter_lines():
                if line.startswith("data: "):
                    self.seen.append(json.loads(line.removeprefix("data: ")))

    def _poll(self, url: str) -> None:
        answer = httpx.get(url, params={"after": len(self.seen), "wait": 2, "limit": 50}, timeout=TIMEOUT_S)
        if answer.status_code == httpx.codes.OK:
            self.seen += answer.json()["data"]
