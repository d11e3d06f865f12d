"""`python -m bench.optimizer_rates`: finds a learning rate for each optimizer, on MNIST and the `accurate` network.

Each rate of a grid is tried with one seed for a few epochs, and the two best with more seeds and epochs. The rates are
compared on the last 10,000 training images; the test images have no part in the choice.
"""

import argparse
import json
from collections.abc import Iterator
from statistics import mean, stdev
from typing import Any

import naivenet
from naivenet import datasets
from service.domain.config import preset

GRID = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)

#: Where in the grid an optimizer's best rate can be; far from it the runs learn nothing or diverge. The notebook's rule
#: has the numbers of `sgd`.
NEAR = {
    "sgd": (0.1, 3),
    "adam": (0.0003, 0.003),
    "adamw": (0.0003, 0.003),
    "adadelta": (0.3, 10),
    "rmsprop": (0.0001, 0.003),
    "adagrad": (0.01, 0.3),
    "adamax": (0.001, 0.01),
    "nadam": (0.0003, 0.003),
    "lion": (0.0001, 0.001),
    "ftrl": (0.03, 1),
}

TRAINING = 50_000


def accuracies(optimizer: naivenet.Optimizer, *, seed: int, epochs: int) -> tuple[float, float]:
    """Return the accuracy on the validation and on the test images after training."""
    mnist = datasets.load()
    config = preset("accurate")
    model = config.network.build(mnist.x_train[0].size, seed=seed)
    run = naivenet.train(
        model,
        mnist.x_train[:TRAINING],
        mnist.y_train[:TRAINING],
        epochs=epochs,
        batch_size=config.batch_size,
        optimizer=optimizer,
        shuffle=True,
        seed=seed,
        validation=(mnist.x_train[TRAINING:], mnist.y_train[TRAINING:]),
        test=(mnist.x_test, mnist.y_test),
    )
    *_, last = (event for event in run if isinstance(event, naivenet.EpochEnd))
    return last.validation_accuracy or 0.0, last.test_accuracy or 0.0


def tried(name: str, rates: list[float], *, seeds: int, epochs: int) -> Iterator[dict[str, Any]]:
    """Yield the accuracies of an optimizer at each rate."""
    for rate in rates:
        optimizer = naivenet.get_optimizer(name, learning_rate=rate)
        runs = [accuracies(optimizer, seed=seed, epochs=epochs) for seed in range(1, seeds + 1)]
        validation, test = zip(*runs, strict=True)
        yield {
            "optimizer": name,
            "rate": rate,
            "epochs": epochs,
            "seeds": seeds,
            "validation": mean(validation),
            "test": mean(test),
            "sd": stdev(test) if seeds > 1 else 0.0,
        }


def main() -> None:
    """Print a JSON line for each rate of each optimizer."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("optimizers", nargs="*", default=list(NEAR), help="the optimizers; all unless given")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=5)
    arguments = parser.parse_args()
    for name in arguments.optimizers:
        low, high = NEAR[name]
        first = list(tried(name, [rate for rate in GRID if low <= rate <= high], seeds=1, epochs=2))
        best = sorted(first, key=lambda each: each["validation"], reverse=True)[:2]
        rates = [each["rate"] for each in best]
        for line in [*first, *tried(name, rates, seeds=arguments.seeds, epochs=arguments.epochs)]:
            print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
