"""`python -m bench.serving`: predictions here and by other servers, each held to one core; issue 5's figures."""

import argparse
import sys
import tempfile

from bench.comparison import interpreters
from bench.document import DOCS, PATH, write_section
from bench.machine import described
from bench.serving_report import lines, picture
from bench.serving_rounds import Turns, measure

PICTURE = DOCS / "benchmarks-serving.svg"


def main() -> None:
    """Measure, and write the section and the picture."""
    parser = argparse.ArgumentParser(prog="python -m bench.serving", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="rounds of every measurement")
    parser.add_argument("--seconds", type=float, default=1.5, help="how long one measurement takes")
    parser.add_argument("--peers-python", action="append", default=[], help="an interpreter that has one of the peers")
    parser.add_argument(
        "--quick", action="store_true", help="one short round of each: whether it works, not how well; writes nothing"
    )
    given = parser.parse_args()
    if given.quick:
        given.rounds, given.seconds = 1, 0.3
    machine = described()
    pythons = [*interpreters(None), *given.peers_python]
    with tempfile.TemporaryDirectory(prefix="naivenet-bench-") as folder:
        results = measure(folder, Turns(rounds=given.rounds, seconds=given.seconds, pythons=pythons))
    told = [
        "## Serving",
        "",
        f"{machine} By `make bench-serving`, {given.rounds} rounds of {given.seconds:g} s.",
        "",
        *lines(results, PICTURE.name),
    ]
    print("\n".join(told))
    if not given.quick:
        PICTURE.write_text(picture(results))
        write_section("serving", told)
        print(f"\nwritten to {PATH} and {PICTURE}", file=sys.stderr)


if __name__ == "__main__":
    main()
