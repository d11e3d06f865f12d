"""`python -m bench.training`: an epoch of the notebook's network, here and elsewhere; issue 3's figures."""

import argparse

from bench import jobs, queues, training_report
from bench.comparison import hold, interpreters
from bench.document import DOCS, PATH, write_section
from bench.machine import described
from bench.training_peers import HEATS

PICTURE = DOCS / "benchmarks-training.svg"


def main() -> None:
    """Measure, and write the section and the picture."""
    parser = argparse.ArgumentParser(prog="python -m bench.training", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="rounds of every measurement")
    parser.add_argument("--epochs", type=int, default=5, help="epochs of a round, in one call where there are calls")
    parser.add_argument("--peers-python", help="an interpreter that has the peers, where this environment has not")
    parser.add_argument(
        "--quick", action="store_true", help="one short round of each: whether it works, not how well; writes nothing"
    )
    given = parser.parse_args()
    if given.quick:
        given.rounds, given.epochs = 1, 1
    lines, drawn = _measured(given)
    print("\n".join(lines))
    if not given.quick:
        PICTURE.write_text(drawn)
        write_section("training", lines)
        print(f"\nwritten to {PATH} and {PICTURE}")


def _measured(given: argparse.Namespace) -> tuple[list[str], str]:
    machine = described()
    pythons = interpreters(given.peers_python)
    results = {}
    for rule, peers in HEATS.items():
        print(f"training with {rule} ...", flush=True)
        results[rule] = hold(peers, rounds=given.rounds, epochs=given.epochs, pythons=pythons)
    print("jobs of the service ...", flush=True)
    job_lines = jobs.lines(jobs.measure(rounds=given.rounds, epochs=given.epochs))
    print("queues of jobs ...", flush=True)
    length = 2 if given.quick else queues.JOBS
    queue_lines = queues.lines(queues.measure(rounds=given.rounds, jobs=length))
    lines = [
        *_introduction(machine, given),
        *(
            line
            for rule, peers in HEATS.items()
            for line in [f"### {rule}", "", *training_report.standings(results[rule], peers)]
        ),
        "### Training targets",
        "",
        *training_report.claims(results["SGD"], results["Adam"]),
        "",
        "Reading 10,000 images takes 8.3 % of the multiplications of training on 60,000: forward once, where training",
        "also multiplies for the gradient. At 1.3 times the limit, which is wanted too, that would be 6.4 % of an",
        "epoch; below it an evaluation comes only as far as large products run faster than small ones.",
        "",
        "### Jobs of the service",
        "",
        *job_lines,
        "",
        f"A queue of {length} jobs of {given.epochs} epochs, on a service of its own for each row:",
        "",
        *queue_lines,
    ]
    return lines, training_report.picture(results["SGD"])


def _introduction(machine: str, given: argparse.Namespace) -> list[str]:
    return [
        "## Training",
        "",
        f"{machine} By `make bench-training`, {given.rounds} rounds of {given.epochs} epochs.",
        "",
        "MNIST's 60,000 training images, 784 to 512 (relu) to 10 (softmax), batches of 128, unshuffled where the",
        "peer lets us choose. Each peer has a process of its own, which stays while the others take their turns.",
        "*naivenet `fit`* and *Keras `fit`* are whole calls; both compile in their first alone. The limit",
        "is an epoch's five matrix products a step by the fastest BLAS here. *First loss*: from the imports being",
        "done until a loss is known, which for a peer that compiles whole epochs is an epoch's end.",
        "",
        f"![Seconds an epoch]({PICTURE.name})",
        "",
    ]


if __name__ == "__main__":
    main()
