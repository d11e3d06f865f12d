"""One training of a record, in its own process: `python -m bench.record_run RECIPE SEED` prints what it took, as JSON.

The clock starts with the call of `naivenet.train`, whose events `fit` collects, and counts compiling. It stops when the
epoch's event with the test accuracy arrives.
"""

import json
import os
import sys
import time
from dataclasses import asdict, dataclass
from typing import Any

import naivenet
from service.domain.config import ConfigLimits, resolve

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


@dataclass(frozen=True, kw_only=True)
class Epoch:
    """What is known after an epoch.

    Attributes:
        seconds: Time since the call.
        processor_s: Processor time of all threads since the call.
        accuracy: On the 10,000 test images.
    """

    seconds: float
    processor_s: float
    accuracy: float


def main() -> None:
    """Train, and print the epochs."""
    body, seed = json.loads(sys.argv[1]), int(sys.argv[2])
    results = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print must not get between the results
    json.dump([asdict(epoch) for epoch in epochs(body, seed=seed)], results)
    results.close()


def epochs(body: dict[str, Any], *, seed: int, samples: int | None = None) -> list[Epoch]:
    """Train as the body of a job says, on the first *samples* images of MNIST or on all, and return its epochs."""
    config = resolve(body, ConfigLimits(max_epochs=1000, max_layers=64, max_units=65536))
    data = naivenet.datasets.load()
    images, labels = data.x_train[:samples], data.y_train[:samples]
    model = config.network.build(images[0].size, seed=seed)
    began, processor_began = time.perf_counter(), time.process_time()
    run = naivenet.train(
        model,
        images,
        labels,
        epochs=config.epochs,
        batch_size=config.batch_size,
        optimizer=config.optimizer,
        schedule=config.schedule,
        shuffle=config.shuffle,
        augment=config.augment,
        precision=config.precision,
        seed=seed,
        test=(data.x_test, data.y_test),
    )
    return [
        Epoch(
            seconds=time.perf_counter() - began,
            processor_s=time.process_time() - processor_began,
            accuracy=event.test_accuracy or 0.0,
        )
        for event in run
        if isinstance(event, naivenet.EpochEnd)
    ]


if __name__ == "__main__":
    main()
