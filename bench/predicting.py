"""Measures predictions a second on one core, compared with a bare FastAPI route that reads the same body."""

import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path
from statistics import median

import httpx2

from bench.api import Json
from bench.request_bodies import Body
from bench.server import Server, naivenet, two_cores
from bench.tables import ratios, spread, table

CONNECTIONS = (1, 16)
OURS, BARE = "naivenet", "bare FastAPI"

Case = tuple[str, int, str]  # name of the body, number of connections, name of the server
Results = Mapping[Case, Sequence[Json]]


def measure(data_dir: str, bodies: Sequence[Body], *, rounds: int, seconds: float) -> Results:
    """Measure both servers in turns; they share one core, and the load generator has the other."""
    core, other = two_cores()
    results: dict[Case, list[Json]] = defaultdict(list)
    with naivenet(data_dir, core=core, trainer=False) as ours, _bare(ours.port, bodies[0], core) as bare:
        servers = {OURS: ours.port, BARE: bare.port}
        for _, connections, body, name in product(range(rounds), CONNECTIONS, bodies, servers):
            found = _generate_load(servers[name], body, connections=connections, seconds=seconds, core=other)
            results[body.name, connections, name].append(found)
    return results


def lines(results: Results) -> list[str]:
    """Return a table of the results."""
    header = ["body", "connections", "server", "requests/s", "p50 ms", "p99 ms", "of bare FastAPI"]
    return table(header, [_row(case, results) for case in results])


def _row(case: Case, results: Results) -> list[str]:
    name, connections, server = case
    columns = {key: [found[key] for found in results[case]] for key in ("requests_per_s", "p50_ms", "p99_ms")}
    bare = [found["requests_per_s"] for found in results[name, connections, BARE]]
    share = 1.0 if server == BARE else median(ratios(columns["requests_per_s"], bare))
    speed, p50, p99 = (
        spread(values, form) for values, form in zip(columns.values(), (",.0f", ".2f", ".2f"), strict=True)
    )
    return [name, str(connections), server, speed, p50, p99, f"{share:.2f}"]


def _bare(port: int, body: Body, core: int | None) -> Server:
    """Start a bare route whose response is as long as that of the service on *port*."""
    url, headers = f"http://127.0.0.1:{port}/v1/predict", {"content-type": body.media_type}
    answer = httpx2.post(url, content=body.data, headers=headers).raise_for_status()
    command = [sys.executable, "-m", "bench.bare", "--port", "{port}", "--answer-bytes", str(len(answer.content))]
    return Server(command, ready="/health/ready", core=core)


def _generate_load(port: int, body: Body, *, connections: int, seconds: float, core: int | None) -> Json:
    """Run the load generator in its own process, and return its results."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "body"
        path.write_bytes(body.data)
        command = [sys.executable, "-m", "bench.load", "--port", str(port), "--content-type", body.media_type]
        command += ["--body", str(path), "--connections", str(connections), "--seconds", str(seconds)]
        command += [] if core is None else ["--core", str(core)]
        found: Json = json.loads(subprocess.check_output(command, timeout=seconds + 60))
    if found["failures"]:
        raise RuntimeError(
            f"{found['failures']} requests failed on port {port}: {body.name}, {connections} connections"
        )
    return found
