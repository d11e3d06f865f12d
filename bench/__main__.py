"""`python -m bench`: measures the service, from its start to its predictions."""

import argparse
import tempfile

from bench import accuracies, predicting, starting
from bench.api import client
from bench.document import publish
from bench.machine import described
from bench.request_bodies import bodies
from bench.server import naivenet


def main() -> None:
    """Measure, and write the section of the docs."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="rounds of every measurement")
    parser.add_argument("--seconds", type=float, default=3.0, help="how long a round of requests takes")
    parser.add_argument("--seeds", type=int, default=1, help="runs of each preset")
    parser.add_argument(
        "--quick", action="store_true", help="one short round of each, to see that the benchmark works; writes nothing"
    )
    given = parser.parse_args()
    if given.quick:
        given.rounds, given.seconds, given.seeds = 1, 0.3, 1
    with tempfile.TemporaryDirectory(prefix="naivenet-bench-") as data_dir:
        lines = _measured(data_dir, given)
    publish("service", lines, dry=given.quick)


def _measured(data_dir: str, given: argparse.Namespace) -> list[str]:
    machine = described()
    print("training all presets ...", flush=True)
    with naivenet(data_dir) as server, client(server.port) as api:
        jobs = accuracies.train(api, seeds=given.seeds, epochs=1 if given.quick else None)
    print("starting the service ...", flush=True)
    starts = [starting.start(data_dir, bodies()) for _ in range(given.rounds)]
    print("predicting ...", flush=True)
    predictions = predicting.measure(data_dir, bodies(), rounds=given.rounds, seconds=given.seconds)
    return [
        "## The service",
        "",
        f"{machine} By `make bench`, {given.rounds} rounds.",
        "",
        *starting.lines(starts),
        "",
        *accuracies.lines(jobs),
        "",
        "Predictions: one process, held to one core; on the other core the load generator (`bench/load.py`: raw",
        "sockets, kept alive, one request at a time on each connection). The bare route reads the same body, and",
        "answers a constant of the same length.",
        "",
        *predicting.lines(predictions),
    ]


if __name__ == "__main__":
    main()
