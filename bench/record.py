"""`python -m bench.record`: seconds from `fit` to a test accuracy of 98, 98.5 and 99 %, by the fastest recipes found.

Each training is a process of its own (`bench.record_run`), so that each one compiles. The recipes take turns. They are
bodies of jobs, so that the service and its page train by them as well.
"""

import argparse
import json
import math
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from bench.document import publish
from bench.machine import described
from bench.record_run import Epoch
from bench.tables import spread, table

_BASELINE_SHARE = 5  # a baseline is trained with a fifth of the seeds: it takes up to twenty epochs

_AUGMENT = {"shift": 1.0, "rotation": 10.0, "scale": 0.1, "slant": 0.15, "thickness": 0.3, "elastic": 0.6}


def _network(units: int) -> dict[str, Any]:
    hidden = {"units": units, "activation": "relu", "initializer": {"name": "he_normal"}}
    output = {"units": 10, "activation": "softmax", "initializer": {"name": "glorot_uniform"}}
    return {"layers": [hidden, output]}


@dataclass(frozen=True, kw_only=True, eq=False)
class Recipe:
    """A way to train.

    Attributes:
        label: What it is, for the table.
        body: The body of `POST /v1/jobs` that trains so, without a seed.
        targets: The test accuracies in percent that it is measured by.
        is_record: Whether it is a recipe for the record; if not, it is a baseline, and trained with fewer seeds.
    """

    label: str
    body: dict[str, Any]
    targets: tuple[float, ...]
    is_record: bool = True


def _record(target: float, *, units: int, rate: float, epochs: int, augment: bool) -> Recipe:
    """Return a recipe with batches of 256 and one cycle of the learning rate, which rises for a quarter of the run."""
    augmented = ", augmented" if augment else ""
    return Recipe(
        label=f"{units} units, batches of 256, SGD in one cycle{augmented}, {epochs} epochs",
        body={
            "network": _network(units),
            "optimizer": {"name": "sgd", "learning_rate": rate, "momentum": 0.9, "nesterov": True},
            "epochs": epochs,
            "batch_size": 256,
            "shuffle": True,
            "schedule": {"name": "cosine", "warmup_epochs": epochs / 4},
            "augment": _AUGMENT if augment else None,
        },
        targets=(target,),
    )


RECIPES = (
    _record(98.0, units=256, rate=0.6, epochs=3, augment=False),
    _record(98.5, units=256, rate=0.5, epochs=4, augment=True),
    _record(99.0, units=512, rate=0.4, epochs=12, augment=True),
    Recipe(label="preset `accurate`", body={"preset": "accurate"}, targets=(98.0,), is_record=False),
    Recipe(label="preset `robust`", body={"preset": "robust"}, targets=(98.5, 99.0), is_record=False),
)

Runs = Sequence[Sequence[Epoch]]


def main() -> None:
    """Measure, and write the section of the docs."""
    parser = argparse.ArgumentParser(prog="python -m bench.record", description=__doc__)
    parser.add_argument("--seeds", type=int, default=20, help="trainings by each recipe; a baseline has a fifth")
    parser.add_argument("--dry", action="store_true", help="print the results, and do not write them to the docs")
    given = parser.parse_args()
    machine = described()
    publish("record", lines(machine, measure(given.seeds)), dry=given.dry)


def measure(seeds: int) -> dict[str, list[list[Epoch]]]:
    """Train by each recipe with the seeds from 1, in turns, and return the epochs of all trainings by its label."""
    runs: dict[str, list[list[Epoch]]] = {recipe.label: [] for recipe in RECIPES}
    for seed in range(1, seeds + 1):
        for recipe in RECIPES:
            if recipe.is_record or seed <= max(1, seeds // _BASELINE_SHARE):
                runs[recipe.label].append(_trained(recipe.body, seed=seed))
                accuracies = ", ".join(f"{epoch.accuracy:.2%}" for epoch in runs[recipe.label][-1])
                print(f"seed {seed}, {recipe.label}: {accuracies}", flush=True)
    return runs


def lines(machine: str, runs: dict[str, list[list[Epoch]]]) -> list[str]:
    """Return the section: the rules of the record, and a row for each target of each recipe."""
    rows = []
    for target in sorted({target for recipe in RECIPES for target in recipe.targets}):
        record, baseline = sorted(
            (each for each in RECIPES if target in each.targets), key=lambda each: not each.is_record
        )
        ratio = _ratio(runs[baseline.label], runs[record.label], target)
        rows.append([*row(record, target, runs[record.label]), ratio])
        rows.append([*row(baseline, target, runs[baseline.label]), ""])
    header = ["test accuracy", "recipe", "s", "epochs", "processor s", "seeds that reached it", "preset / recipe, s"]
    return [
        "## The record: seconds to an accuracy",
        "",
        f"{machine} By `make bench-record`.",
        "",
        "A dense network, MNIST only, from random weights. The clock starts with the call of `naivenet.train`, whose",
        "events `fit` collects, in a new process that has built its network, so compiling counts. It stops when the",
        "event of an epoch with a test accuracy of at least the target arrives, so evaluating counts. In the median a",
        "seed that does not reach the target counts as endless. The seeds are 1, 2, ...; nothing else differs between",
        "them, and the presets train with the first fifth. The test images are evaluated only: the options were",
        "chosen by the last 10,000 training images, with other seeds, and then the numbers of units and epochs so that",
        "the seeds from 101 to 105 reach the target. Each recipe is the body of a job, in `bench/record.py`.",
        "",
        *table(header, rows),
    ]


def row(recipe: Recipe, target: float, runs: Runs) -> list[str]:
    """Return the row of a recipe: medians over its runs, and in brackets the least and the largest that reached it."""
    reached = [first_at(epochs, target) for epochs in runs]
    label = f"**{recipe.label}**" if recipe.is_record else recipe.label
    return [
        f"{target:g} %",
        label,
        _median_of([epoch and epoch[1].seconds for epoch in reached], ".2f"),
        _median_of([epoch and float(epoch[0]) for epoch in reached], "g"),
        _median_of([epoch and epoch[1].processor_s for epoch in reached], ".2f"),
        f"{sum(each is not None for each in reached)} of {len(reached)}",
    ]


def first_at(epochs: Sequence[Epoch], target: float) -> tuple[int, Epoch] | None:
    """Return the first epoch with a test accuracy of at least *target* percent, and its number from 1; None if none."""
    # 98 % are exactly 9,800 images, which rounding must not lose
    found = ((number, epoch) for number, epoch in enumerate(epochs, 1) if round(epoch.accuracy * 100, 6) >= target)
    return next(found, None)


def _ratio(baseline: Runs, record: Runs, target: float) -> str:
    """Return the ratio of their seconds, over the seeds with which both reached the target."""
    pairs = [(first_at(slow, target), first_at(fast, target)) for slow, fast in zip(baseline, record, strict=False)]
    quotients = [slow[1].seconds / fast[1].seconds for slow, fast in pairs if slow and fast]
    return spread(quotients) if quotients else ""


def _median_of(values: Sequence[float | None], form: str) -> str:
    """Return the median, None counting as endless, and in brackets the least and the largest of the others."""
    finite = [value for value in values if value is not None]
    middle = median([math.inf if value is None else value for value in values])
    text = "not reached" if math.isinf(middle) else f"{middle:{form}}"
    return f"{text} ({min(finite):{form}}..{max(finite):{form}})" if len(finite) > 1 else text


def _trained(body: dict[str, Any], *, seed: int) -> list[Epoch]:
    command = [sys.executable, "-m", "bench.record_run", json.dumps(body), str(seed)]
    root = Path(__file__).parent.parent
    result = subprocess.run(command, cwd=root, check=True, text=True, stdout=subprocess.PIPE)
    return [Epoch(**epoch) for epoch in json.loads(result.stdout)]


if __name__ == "__main__":
    main()
