"""A storm: random signals to the processes of a service, and outages around it, while clients use it."""

import itertools
import logging
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from sqlalchemy import text

from service.composition import Services, compose
from service.settings import Settings
from tests.attempts import attempt, claim_next, queue
from tests.chaos.clients import Caller, Watcher
from tests.processes import Role, find, send
from tests.servers import PATIENCE_S, TERMINAL, Json, Server, write_tiny

logger = logging.getLogger(__name__)

#: The jobs, in turn: with and without optimizer state, in order and shuffled.
CONFIGS: tuple[Json, ...] = (
    {"epochs": 12, "seed": 1, "checkpoint_every_epochs": 3, "shuffle": True, "optimizer": {"name": "adam"}},
    {"epochs": 12, "seed": 2, "checkpoint_every_epochs": 2, "optimizer": {"name": "sgd", "momentum": 0.9}},
    {"epochs": 12, "seed": 3, "checkpoint_every_epochs": 4, "optimizer": {"name": "naive"}},
)

#: A lease expires after this silence; processes are suspended for less than that, or for more.
LEASE_S, SHORT_STOP_S, LONG_STOP_S = 4.0, 0.5, 7.0

#: The time between two signals.
PAUSE_S = (0.3, 3.0)

#: An outage lasts for less than a lease, or for more; then there is none for this time.
OUTAGE_S, CALM_S = (2.0, 10.0), (15.0, 45.0)

#: How many workers a job may lose without progress. The default of 3 is for accidents minutes apart. Here the only one
#: that lives gets a signal every two seconds, and on a busy machine it needs ten to its first checkpoint: with 10, two
#: jobs of sixty failed, and rightly.
MAX_ATTEMPTS = 30


@dataclass
class Storm:
    """Two API processes on one data folder, each with a trainer, although one trainer would do.

    Attributes:
        settings: Where the service keeps its rows and bytes, and after which time a file without a checkpoint is swept.
        outages: By name, what is away while the context lasts.
        sent: How many signals of each kind each role got.
        away: How often each of the outages has occurred.
        answers: How often clients got each status.
        slowest_end_s: The longest time a server took to end after a signal.
    """

    folder: Path
    seed: int
    settings: Json
    outages: Mapping[str, Callable[[], AbstractContextManager[None]]]
    sent: Counter[str] = field(default_factory=Counter)
    away: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)
    slowest_end_s: float = 0.0
    watchers: dict[str, list[Watcher]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Start the servers."""
        self._random = random.Random(self.seed)  # noqa: S311  # not for cryptography
        self._tiny = write_tiny(self.folder / "tiny")
        settings = {"max_attempts": MAX_ATTEMPTS, "worker_timeout_s": LEASE_S, **self.settings}
        data_dir = self.folder / "data"
        self.servers = [Server(data_dir, tiny=self._tiny, max_running_jobs=2, **settings) for _ in range(2)]
        self.caller = Caller(self.servers, self.answers)
        self._restarts = dict[Server, threading.Thread]()
        for server in self.servers:
            server.start()

    def create(self, count: int, *, first: int = 0) -> list[str]:
        """Queue *count* jobs, numbered from *first*; an idempotency key keeps retries from queueing one twice."""
        ids = []
        for number in range(first, first + count):
            body = {"dataset": "tiny", **CONFIGS[number % len(CONFIGS)]}
            key = {"idempotency-key": uuid4().hex}
            ids.append(self.caller.ask("POST", "/v1/jobs", json=body, headers=key).json()["id"])
            self.watchers[ids[-1]] = [Watcher(self.servers, ids[-1], streams=streams) for streams in (True, False)]
            for watcher in self.watchers[ids[-1]]:
                watcher.start()
        return ids

    def disturb(self, ids: list[str], count: int, *, longest_s: float) -> None:
        """Send *count* signals to random processes; replace each job that ends by a new one, added to *ids*.

        It ends after *longest_s* at the latest. While no worker lives, it sends none: on a busy machine the trainers
        would only ever start.
        """
        at_once, ended = len(ids), set[str]()
        end = time.monotonic() + longest_s
        while self.sent.total() < count and time.monotonic() < end:
            time.sleep(self._random.uniform(*PAUSE_S))
            if find(self.folder / "data", "worker"):
                self._send_signal(self._random.choice(["api", "trainer", *["worker"] * 6]))
            ended |= {job_id for job_id in ids if job_id not in ended and self._has_ended(job_id)}
            ids += self.create(at_once - (len(ids) - len(ended)), first=len(ids))

    def _has_ended(self, job_id: str) -> bool:
        return not any(watcher.is_alive() for watcher in self.watchers[job_id])

    def end(self, ids: Sequence[str]) -> None:
        """Wait until every job has ended; resume paused jobs."""
        for job_id in ids:
            while (job := self.caller.job(job_id))["status"] not in TERMINAL:
                if job["status"] == "paused":
                    self.caller.ask("POST", f"/v1/jobs/{job_id}/resume")
                time.sleep(0.2)
            for watcher in self.watchers[job_id]:
                watcher.join(PATIENCE_S)
                assert not watcher.is_alive(), f"{watcher.name} never received the terminal event"

    def close(self) -> None:
        """Stop the servers."""
        for restart in list(self._restarts.values()):
            restart.join(PATIENCE_S)
        for server in self.servers:
            if server.process.poll() is None:
                server.stop()

    def reference(self, config: Json, *, threads: int) -> tuple[str, list[float]]:
        """Train the configuration undisturbed on *threads* threads; return the digest of its weights and the losses."""
        folder = self.folder / f"reference-{config['seed']}-{threads}"
        write_tiny(folder / "datasets")
        services = compose(Settings(data_dir=folder))
        job_id = queue(services, **config)
        with services.database.write() as session:
            session.execute(text("UPDATE jobs SET threads = :threads"), {"threads": threads})
        assert attempt(services, claim_next(services)) == 0
        job = services.jobs.get(job_id)
        assert job.result, job.error
        digest = services.checkpoints.get(job.result.checkpoint_id).sha256
        losses = services.history.losses(job_id).losses.tolist()
        services.close()
        return digest, losses

    def services(self) -> Services:
        """Open the stores of the servers."""
        return compose(Settings(data_dir=self.folder / "data", **self.settings))

    def unknown_files(self) -> set[str]:
        """Return the files in the checkpoint store that belong to no checkpoint."""
        services = self.services()
        names = services.blobs.names()
        known = services.checkpoints.ids()
        services.close()
        return {name for name in names if name.partition(".")[0] not in known}

    def send_requests(self, ids: Sequence[str], stopped: threading.Event) -> None:
        """Pause, resume, cancel and predict at random until *stopped*; each response is a success or a conflict."""
        rng = random.Random(self.seed + 1)  # noqa: S311  # not for cryptography
        while not stopped.wait(rng.uniform(0.2, 2.0)):
            job_id = rng.choice([job_id for job_id in ids if not self._has_ended(job_id)] or ids)
            request = rng.choice(["pause", *["resume"] * 3, "predict", *(["cancel"] * (job_id in cancellable(ids)))])
            if request == "predict":
                picture = {"pixels": [[0] * 28] * 14 + [[255] * 28] * 14}
                answer = self.caller.ask("POST", "/v1/predict", json=picture)
            else:
                answer = self.caller.ask("POST", f"/v1/jobs/{job_id}/{request}")
            assert answer.status_code in {200, 202, 409}, answer.text

    def cause_outages(self, stopped: threading.Event) -> None:
        """Take away one part after the other, each for some seconds, until *stopped*."""
        rng = random.Random(self.seed + 2)  # noqa: S311  # not for cryptography
        for name in itertools.cycle(self.outages):
            with self.outages[name]():
                logger.info("outage %d: %s", self.away.total() + 1, name)
                stopped.wait(rng.uniform(*OUTAGE_S))
            self.away[name] += 1
            if stopped.wait(rng.uniform(*CALM_S)):
                return

    def _send_signal(self, role: Role) -> None:
        apis = {server.process.pid: server for server in self.servers if server not in self._restarts}
        pids = list(apis) if role == "api" else find(self.folder / "data", role)
        if not pids:
            return
        pid, kind = self._random.choice(pids), self._random.choice(["kill", "stop", "long stop", "term"])
        if role == "api" and kind == "long stop":
            kind = "stop"
        number = {"kill": signal.SIGKILL, "term": signal.SIGTERM}.get(kind, signal.SIGSTOP)
        if not send(pid, number):
            return
        self.sent[f"{role}: {kind}"] += 1
        logger.info("signal %d: %s %s", self.sent.total(), role, kind)
        if number == signal.SIGSTOP:
            pause_s = SHORT_STOP_S if kind == "stop" else LONG_STOP_S
            threading.Timer(pause_s, send, (pid, signal.SIGCONT)).start()
        elif role == "api":
            self._restarts[apis[pid]] = threading.Thread(target=self._restart, args=(apis[pid],), daemon=True)
            self._restarts[apis[pid]].start()

    def _restart(self, server: Server) -> None:
        """Start a server again that has got a signal, as a supervisor would; other processes get theirs meanwhile."""
        signalled_at = time.monotonic()
        server.process.wait(PATIENCE_S)
        self.slowest_end_s = max(self.slowest_end_s, time.monotonic() - signalled_at)
        server.start()
        del self._restarts[server]


def cancellable(ids: Sequence[str]) -> set[str]:
    """Return the jobs that may be cancelled: every fourth."""
    return set(ids[3::4])
