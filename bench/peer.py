"""A peer's own process: `python -m bench.peer MODULE FUNCTION OPTIMIZER` reads numbers of epochs, and trains them.

It prints a line of JSON for its start, and one for each line that it reads.
"""

import importlib
import json
import os
import resource
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

_RSS_UNIT = 1 if sys.platform == "darwin" else 1024  # getrusage counts bytes there, and KiB elsewhere
_MB = 1_000_000


def main() -> None:
    """Start the peer, and train as many epochs as each line of the input says."""
    module, function, optimizer = sys.argv[1:]
    results = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print must not get between the results

    def report(**metrics: float) -> None:
        results.write(json.dumps(metrics) + "\n")
        results.flush()

    prepare = getattr(importlib.import_module(f"bench.peers.{module}"), function)
    began = time.perf_counter()
    run = prepare(optimizer)
    run.first_loss()
    report(first_loss_s=time.perf_counter() - began)
    for line in sys.stdin:
        began = time.perf_counter()
        run.train(int(line))
        seconds = time.perf_counter() - began
        report(seconds=seconds, peak_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _RSS_UNIT / _MB)


if __name__ == "__main__":
    main()
