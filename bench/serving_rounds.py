"""Asks all servers in turn, round after round, so that what disturbs the machine disturbs all of them alike."""

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

import httpx
import numpy as np

import naivenet
from bench.api import Json, client, finished, job, queue, until
from bench.comparison import python_with
from bench.memory import family_mb
from bench.server import Server, two_cores
from bench.server import naivenet as served
from bench.serving_peers import BARE, OURS, Request, many, ours, rivals

CONNECTIONS = (1, 16, 64)
BATCH, BATCH_CONNECTIONS = 1000, 2

Case = tuple[str, str, int]  # who was asked, in which form, on how many connections


@dataclass(kw_only=True)
class Results:
    """What was seen; of a case, one finding a round.

    Attributes:
        ready_s: Seconds until each server was ready.
        memory_mb: What each had, its children included, after all rounds.
        absent: Who was not installed.
    """

    cases: dict[Case, list[Json]] = field(default_factory=lambda: defaultdict(list))
    batches: list[Json] = field(default_factory=list)
    idle: list[Json] = field(default_factory=list)
    training: list[Json] = field(default_factory=list)
    ready_s: dict[str, float] = field(default_factory=dict)
    memory_mb: dict[str, float] = field(default_factory=dict)
    absent: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Turns:
    """How often and how long each is asked, and the interpreters that may have the peers."""

    rounds: int
    seconds: float
    pythons: Sequence[str]


def measure(folder: str, turns: Turns) -> Results:
    """All of it: single pictures, large batches, and predictions beside training."""
    found, data_dir = Results(), f"{folder}/data"
    weights = _train(data_dir, folder)
    print("single pictures ...", flush=True)
    _contest(found, data_dir, weights, turns)
    print("large batches, and beside training ...", flush=True)
    for _ in range(turns.rounds):
        _beside_training(found, data_dir, seconds=2 * turns.seconds)
    return found


def _train(data_dir: str, folder: str) -> str:
    """Have a model to ask, and give its weights to the others."""
    with served(data_dir) as server, client(server.port) as api:
        done = finished(api, queue(api, epochs=1, seed=1))
        checkpoint = done["result"]["checkpoint_id"]
        network = naivenet.from_safetensors(api.get(f"/v1/checkpoints/{checkpoint}/weights").content)
    path = f"{folder}/weights.npz"
    np.savez(path, **dict(zip(("W1", "b1", "W2", "b2"), network.weights, strict=True)))
    return path


def _contest(found: Results, data_dir: str, weights: str, turns: Turns) -> None:
    _, other = two_cores()
    with ExitStack() as stack:
        servers = _started(stack, found, data_dir, weights, turns.pythons)
        asked = _asked(servers)
        for _, connections, (name, form) in product(range(turns.rounds), CONNECTIONS, asked):
            with ExitStack() as others:
                for server in servers.values():
                    if server is not servers[name]:
                        others.enter_context(server.halted())
                seen = ask(servers[name].port, form, connections=connections, seconds=turns.seconds, core=other)
            found.cases[name, form.name, connections].append(seen)
        for name, server in servers.items():
            found.ready_s[name], found.memory_mb[name] = server.ready_s, family_mb(server.pid)


def _started(
    stack: ExitStack, found: Results, data_dir: str, weights: str, pythons: Sequence[str]
) -> dict[str, Server]:
    """Every server that is installed, one after the other, all on one core."""
    core, _ = two_cores()
    mine = stack.enter_context(served(data_dir, core=core, trainer=False))
    length = _length_of_an_answer(mine.port, ours()[0])
    bare = [sys.executable, "-m", "bench.bare", "--port", "{port}", "--answer-bytes", str(length)]
    servers = {OURS: mine, BARE: stack.enter_context(Server(bare, ready="/health/ready", core=core))}
    for rival in rivals():
        if python := python_with(rival.package, pythons):
            print(f"  starts: {rival.label}", flush=True)
            command = [python, "-m", f"bench.servers.{rival.module}", "--port", "{port}", "--weights", weights]
            servers[rival.label] = stack.enter_context(Server(command, ready=rival.ready, core=core))
        else:
            found.absent.append(rival.label)
    return servers


def _asked(servers: Iterable[str]) -> list[tuple[str, Request]]:
    """Who is asked what."""
    forms = ours()
    plain = [(BARE, form) for form in forms if form.path == "/v1/predict"]
    others = [(rival.label, rival.request) for rival in rivals() if rival.label in servers]
    return [*((OURS, form) for form in forms), *plain, *others]


def _beside_training(found: Results, data_dir: str, *, seconds: float) -> None:
    """Nothing is held to a core here but those who ask: the service and its trainer share what there is."""
    form, (_, other) = ours()[1], two_cores()
    with served(data_dir, max_running_jobs=1) as server, client(server.port) as api:
        finished(api, queue(api, epochs=1, seed=1))  # TensorFlow is imported after it, and nothing else begins
        found.batches.append(ask(server.port, many(BATCH), connections=BATCH_CONNECTIONS, seconds=seconds, core=other))
        found.idle.append(ask(server.port, form, connections=16, seconds=seconds, core=other))
        training = queue(api, epochs=1000, seed=1)
        until(lambda: job(api, training)["progress"]["step"] > 0, what="the first step", poll_s=0.1)
        found.training.append(ask(server.port, form, connections=16, seconds=seconds, core=other))
        api.post(f"/v1/jobs/{training}/cancel").raise_for_status()
        until(lambda: job(api, training)["status"] == "cancelled", what="its end", poll_s=0.1)


def _length_of_an_answer(port: int, form: Request) -> int:
    headers = {"content-type": form.media_type}
    answer = httpx.post(f"http://127.0.0.1:{port}{form.path}", content=form.body, headers=headers)
    return len(answer.raise_for_status().content)


def ask(port: int, form: Request, *, connections: int, seconds: float, core: int | None) -> Json:
    """Run the load generator as a process of its own.

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
