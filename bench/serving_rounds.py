"""Measures all servers in turns, round after round, so that noise affects all of them alike."""

import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

import httpx2
import numpy as np

import naivenet
from bench.api import Json, client, finished, job, queue, until
from bench.comparison import python_with
from bench.memory import family_mb
from bench.server import Server, two_cores
from bench.server import naivenet as served
from bench.serving_peers import BARE, OURS, Request, batch_request, our_requests, peer_servers

CONNECTIONS = (1, 16, 64)
BATCH, BATCH_CONNECTIONS = 1000, 2

Case = tuple[str, str, int]  # name of the server, format of the request, number of connections


@dataclass(kw_only=True)
class Results:
    """What was measured, once a round for each case.

    Attributes:
        cases: Single images, for each case.
        batches: Large batches.
        idle: Single images while no job trains, on any core.
        training: The same while a job trains.
        one_process: Single images, by one API process on one core.
        beside_photo: The same while that process also reads photos.
        two_processes: Single images, by two API processes.
        ready_s: Seconds until each server was ready.
        memory_mb: Memory of each server and its children after all rounds.
        absent: Servers that are not installed.
    """

    cases: dict[Case, list[Json]] = field(default_factory=lambda: defaultdict(list))
    batches: list[Json] = field(default_factory=list)
    idle: list[Json] = field(default_factory=list)
    training: list[Json] = field(default_factory=list)
    one_process: list[Json] = field(default_factory=list)
    beside_photo: list[Json] = field(default_factory=list)
    two_processes: list[Json] = field(default_factory=list)
    ready_s: dict[str, float] = field(default_factory=dict)
    memory_mb: dict[str, float] = field(default_factory=dict)
    absent: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Turns:
    """How often and how long each server is measured, and the interpreters that may have the peers."""

    rounds: int
    seconds: float
    pythons: Sequence[str]


def measure(found: Results, folder: str, turns: Turns) -> None:
    """Measure single images, large batches, and predictions while a job trains."""
    data_dir = f"{folder}/data"
    weights = _train(data_dir, folder)
    print("single images ...", flush=True)
    _measure_servers(found, data_dir, weights, turns)
    print("large batches, and predictions while a job trains ...", flush=True)
    for _ in range(turns.rounds):
        _measure_while_training(found, data_dir, seconds=2 * turns.seconds)


def _train(data_dir: str, folder: str) -> str:
    """Train a model, and return the file of its weights for the other servers."""
    with served(data_dir) as server, client(server.port) as api:
        done = finished(api, queue(api, epochs=1, seed=1))
        checkpoint = done["result"]["checkpoint_id"]
        network = naivenet.from_safetensors(api.get(f"/v1/checkpoints/{checkpoint}/weights").content)
    path = f"{folder}/weights.npz"
    np.savez(path, **dict(zip(("W1", "b1", "W2", "b2"), network.weights, strict=True)))
    return path


def _measure_servers(found: Results, data_dir: str, weights: str, turns: Turns) -> None:
    _, other = two_cores()
    with ExitStack() as stack:
        servers = _start(stack, found, data_dir, weights, turns.pythons)
        requests = _requests(servers)
        for _, connections, (name, form) in product(range(turns.rounds), CONNECTIONS, requests):
            with ExitStack() as others:
                for server in servers.values():
                    if server is not servers[name]:
                        others.enter_context(server.halted())
                seen = ask(servers[name].port, form, connections=connections, seconds=turns.seconds, core=other)
            found.cases[name, form.name, connections].append(seen)
        for name, server in servers.items():
            found.ready_s[name], found.memory_mb[name] = server.ready_s, family_mb(server.pid)


def _start(stack: ExitStack, found: Results, data_dir: str, weights: str, pythons: Sequence[str]) -> dict[str, Server]:
    """Start every server that is installed, all on one core."""
    core, _ = two_cores()
    mine = stack.enter_context(served(data_dir, core=core, trainer=False))
    length = _response_length(mine.port, our_requests()[0])
    bare = [sys.executable, "-m", "bench.bare", "--port", "{port}", "--answer-bytes", str(length)]
    servers = {OURS: mine, BARE: stack.enter_context(Server(bare, ready="/health/ready", core=core))}
    for peer in peer_servers():
        if python := python_with(peer.package, pythons):
            print(f"  starts: {peer.label}", flush=True)
            command = [python, "-m", f"bench.servers.{peer.module}", "--port", "{port}", "--weights", weights]
            servers[peer.label] = stack.enter_context(Server(command, ready=peer.ready, core=core))
        else:
            found.absent.append(peer.label)
    return servers


def _requests(servers: Iterable[str]) -> list[tuple[str, Request]]:
    """Return the name of each server with each of its requests."""
    forms = our_requests()
    plain = [(BARE, form) for form in forms if form.path == "/v1/predict"]
    others = [(peer.label, peer.request) for peer in peer_servers() if peer.label in servers]
    return [*((OURS, form) for form in forms), *plain, *others]


def _measure_while_training(found: Results, data_dir: str, *, seconds: float) -> None:
    """Measure predictions while a job trains; the load generator alone is bound to a core."""
    form, (_, other) = our_requests()[1], two_cores()
    with served(data_dir, max_running_jobs=1) as server, client(server.port) as api:
        finished(api, queue(api, epochs=1, seed=1))  # TensorFlow is imported after it, and nothing else begins
        found.batches.append(
            ask(server.port, batch_request(BATCH), connections=BATCH_CONNECTIONS, seconds=seconds, core=other)
        )
        found.idle.append(ask(server.port, form, connections=16, seconds=seconds, core=other))
        training = queue(api, epochs=1000, seed=1)
        until(lambda: job(api, training)["progress"]["step"] > 0, what="the first step", poll_s=0.1)
        found.training.append(ask(server.port, form, connections=16, seconds=seconds, core=other))
        api.post(f"/v1/jobs/{training}/cancel").raise_for_status()
        until(lambda: job(api, training)["status"] == "cancelled", what="its end", poll_s=0.1)


def _response_length(port: int, form: Request) -> int:
    headers = {"content-type": form.media_type}
    answer = httpx2.post(f"http://127.0.0.1:{port}{form.path}", content=form.body, headers=headers)
    return len(answer.raise_for_status().content)


def ask(port: int, form: Request, *, connections: int, seconds: float, core: int | None) -> Json:
    """Run the load generator in its own process, and return its results.

    Raises:
        RuntimeError: A request failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "body"
        path.write_bytes(form.body)
        command = [sys.executable, "-m", "bench.load", "--port", str(port), "--path", form.path, "--body", str(path)]
        command += ["--content-type", form.media_type, "--connections", str(connections), "--seconds", str(seconds)]
        command += [part for header in form.headers for part in ("--header", header)]
        command += [] if core is None else ["--core", str(core)]
        found: Json = json.loads(subprocess.check_output(command, timeout=seconds + 60))
    if found["failures"]:
        raise RuntimeError(f"{found['failures']} requests failed: {form.name} on {connections} connections")
    return found
