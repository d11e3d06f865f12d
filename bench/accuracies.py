"""Trains all presets through the service, and reports their accuracy on the 10,000 test images."""

import httpx2

from bench.api import Json, finished, queue
from bench.tables import spread, table

PRESETS = ("notebook", "accurate", "robust")


def train(api: httpx2.Client, *, seeds: int, epochs: int | None) -> dict[str, list[Json]]:
    """Run a job for each preset and seed; *epochs*, if given, replaces the preset's own."""
    changes = {} if epochs is None else {"epochs": epochs}
    return {
        preset: [finished(api, queue(api, preset=preset, seed=seed, **changes)) for seed in range(1, seeds + 1)]
        for preset in PRESETS
    }


def lines(jobs: dict[str, list[Json]]) -> list[str]:
    """Return a table of the accuracies."""
    rows = [
        [
            f"`{preset}`",
            str(runs[0]["epochs"]),
            str(len(runs)),
            spread([run["result"]["test_accuracy"] for run in runs], ".4f"),
        ]
        for preset, runs in jobs.items()
    ]
    return table(["preset", "epochs", "seeds", "test accuracy"], rows)
