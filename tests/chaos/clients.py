"""Clients of a service whose processes keep dying: they retry until they get a response, and record it."""

import contextlib
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Sequence

import httpx2

from tests.servers import TERMINAL, Json, Server

#: Seconds between two attempts.
PAUSE_S = 0.2

#: The options of every request. The certificates that these servers do not have would take 25 ms to load each time.
OPTIONS: Json = {"timeout": 20.0, "verify": False}


class Caller:
    """Sends a request to one server after the other until one responds.

    Attributes:
        answers: How often each status was returned, and how often there was no response.
    """

    def __init__(self, servers: Sequence[Server], answers: Counter[str]) -> None:
        self._urls = [server.base_url for server in servers]
        self.answers = answers

    def ask(self, method: str, path: str, **request: object) -> httpx2.Response:
        """Return the first response that does not ask for a retry (429, 503, 504)."""
        while True:
            random.shuffle(self._urls)
            for url in self._urls:
                with contextlib.suppress(httpx2.TransportError):
                    answer = httpx2.request(method, url + path, **OPTIONS, **request)
                    self.answers[f"{answer.status_code}"] += 1
                    if answer.status_code not in {429, 503, 504}:
                        return answer
                    continue
                self.answers["no answer"] += 1
            time.sleep(PAUSE_S)

    def job(self, job_id: str) -> Json:
        """Return the job."""
        job: Json = self.ask("GET", f"/v1/jobs/{job_id}").json()
        return job


class Watcher(threading.Thread):
    """Follows a job's events through all failures, by streams or by long polls, until the terminal status.

    Attributes:
        events: Every event received.
        reconnections: How often it had to connect again.
    """

    def __init__(self, servers: Sequence[Server], job_id: str, *, streams: bool) -> None:
        super().__init__(daemon=True, name=f"watcher-{job_id}")
        self._urls, self._job_id, self._streams = [server.base_url for server in servers], job_id, streams
        self.events: list[Json] = []
        self.reconnections = 0

    def run(self) -> None:
        """Follow the events."""
        while not (self.events and self.events[-1]["data"].get("status") in TERMINAL):
            self._urls.reverse()  # tries the other server next
            url = f"{self._urls[0]}/v1/jobs/{self._job_id}/events"
            with contextlib.suppress(httpx2.TransportError):
                (self._stream if self._streams else self._poll)(url)
            self.reconnections += 1
            time.sleep(PAUSE_S)

    def _stream(self, url: str) -> None:
        headers = {"accept": "text/event-stream", "last-event-id": str(len(self.events))}
        with httpx2.stream("GET", url, headers=headers, **OPTIONS) as answer:
            for line in answer.iter_lines():
                if line.startswith("data: "):
                    self.events.append(json.loads(line.removeprefix("data: ")))

    def _poll(self, url: str) -> None:
        answer = httpx2.get(url, params={"after": len(self.events), "wait": 2, "limit": 50}, **OPTIONS)
        if answer.status_code == httpx2.codes.OK:
            self.events += answer.json()["data"]
