"""`python -m bench.training`: measures an epoch of the notebook's network, in naivenet and other libraries."""

import argparse

import naivenet
from bench import jobs, queues, training_report
from bench.comparison import compare, interpreters
from bench.document import DOCS, PATH, write_section
from bench.machine import described
from bench.training_peers import BFLOAT16, COMPARISONS

CHART = DOCS / "benchmarks-training.svg"


def main() -> None:
    """Measure, and write the section of the docs and its chart."""
    parser = argparse.ArgumentParser(prog="python -m bench.training", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="rounds of every measurement")
    parser.add_argument(
        "--epochs", type=int, default=5, help="epochs of a round, in one call if the library has such a call"
    )
    parser.add_argument("--peers-python", help="an interpreter whose environment has the peers")
    parser.add_argument(
        "--quick", action="store_true", help="one short round of each, to see that the benchmark works; writes nothing"
    )
    given = parser.parse_args()
    if given.quick:
        given.rounds, given.epochs = 1, 1
    lines, drawn = _measured(given)
    print("\n".join(lines))
    if not given.quick:
        CHART.write_text(drawn)
        write_section("training", lines)
        print(f"\nwritten to {PATH} and {CHART}")


def _measured(given: argparse.Namespace) -> tuple[list[str], str]:
    machine = described()
    pythons = interpreters(given.peers_python)
    results = {}
    for optimizer, peers in COMPARISONS.items():
        print(f"training with {optimizer} ...", flush=True)
        results[optimizer] = compare(peers, rounds=given.rounds, epochs=given.epochs, pythons=pythons)
    bfloat16 = None
    if naivenet.computes_bfloat16():
        print("training in bfloat16 ...", flush=True)
        bfloat16 = compare(BFLOAT16, rounds=given.rounds, epochs=given.epochs, pythons=pythons)
    print("jobs of the service ...", flush=True)
    job_lines = jobs.lines(jobs.measure(rounds=given.rounds, epochs=given.epochs))
    print("queues of jobs ...", flush=True)
    length = 2 if given.quick else queues.JOBS
    queue_lines = queues.lines(queues.measure(rounds=given.rounds, jobs=length))
    lines = [
        *_introduction(machine, given),
        *(
            line
            for optimizer, peers in COMPARISONS.items()
            for line in [f"### {optimizer}", "", *training_report.results_table(results[optimizer], peers)]
        ),
        *training_report.bfloat16_section(bfloat16),
        "### Training targets",
        "",
        *training_report.targets_table(results["SGD"], results["Adam"]),
        "",
        "Evaluating 10,000 images takes 8.3 % of the multiplications of training on 60,000: a forward pass, without",
        "the backward pass. At 1.3 times the limit, another target, that would be 6.4 % of an epoch; an evaluation",
        "takes less only because large matrix products run faster than small ones.",
        "",
        "### Jobs of the service",
        "",
        *job_lines,
        "",
        f"A queue of {length} jobs of {given.epochs} epochs, on a new service for each row:",
        "",
        *queue_lines,
    ]
    return lines, training_report.chart(results["SGD"])


def _introduction(machine: str, given: argparse.Namespace) -> list[str]:
    return [
        "## Training",
        "",
        f"{machine} By `make bench-training`, {given.rounds} rounds of {given.epochs} epochs.",
        "",
        "MNIST's 60,000 training images, 784 to 512 (relu) to 10 (softmax), batches of 128, unshuffled where the",
        "peer has that choice. Each peer has its own process, which lives while the others take their turns.",
        "*naivenet `fit`* and *Keras `fit`* are whole calls; both compile in the first call alone. The limit is",
        "the five matrix products of each step, by the fastest BLAS here. *First loss*: from the end of the imports",
        "until a loss is known, which for a peer that compiles whole epochs is the end of the first epoch.",
        "",
        f"![Seconds an epoch]({CHART.name})",
        "",
    ]


if __name__ == "__main__":
    main()
