"""`python -m bench.serving`: compares predictions a second with other servers, each bound to one core."""

import argparse
import sys
import tempfile

from bench import serving_beside
from bench.comparison import interpreters
from bench.document import DOCS, PATH, write_section
from bench.machine import described
from bench.serving_report import chart, lines
from bench.serving_rounds import Results, Turns, measure

CHART = DOCS / "benchmarks-serving.svg"


def main() -> None:
    """Measure, and write the section of the docs and its chart."""
    parser = argparse.ArgumentParser(prog="python -m bench.serving", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="rounds of every measurement")
    parser.add_argument("--seconds", type=float, default=1.2, help="how long one measurement takes")
    parser.add_argument(
        "--peers-python",
        action="append",
        default=[],
        help="an interpreter whose environment has peers; can be repeated",
    )
    parser.add_argument(
        "--quick", action="store_true", help="one short round of each, to see that the benchmark works; writes nothing"
    )
    given = parser.parse_args()
    if given.quick:
        given.rounds, given.seconds = 1, 0.3
    machine = described()
    pythons = [*interpreters(None), *given.peers_python]
    with tempfile.TemporaryDirectory(prefix="naivenet-bench-") as folder:
        results, turns = Results(), Turns(rounds=given.rounds, seconds=given.seconds, pythons=pythons)
        measure(results, folder, turns)
        print("several processes, and photos ...", flush=True)
        serving_beside.measure(results, f"{folder}/data", turns)
    section = [
        "## Serving",
        "",
        f"{machine} By `make bench-serving`, {given.rounds} rounds of {given.seconds:g} s.",
        "",
        *lines(results, CHART.name),
    ]
    print("\n".join(section))
    if not given.quick:
        CHART.write_text(chart(results))
        write_section("serving", section)
        print(f"\nwritten to {PATH} and {CHART}", file=sys.stderr)


if __name__ == "__main__":
    main()
