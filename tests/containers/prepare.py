"""Starts the engine and builds the images before the tests: `make images`, which CI runs beside other checks."""

import signal
import sys
import tempfile
from pathlib import Path

from tests.containers.engines import engine
from tests.containers.stacks import Stack


def main() -> None:
    """Build all images; the engine keeps them."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that a lab's engine is stopped
    with engine() as running, tempfile.TemporaryDirectory() as secrets:
        for profile in ("sqlite", "ray"):  # `postgres` uses the images of `sqlite`
            Stack(running, profile, Path(secrets)).run("build")


if __name__ == "__main__":
    main()
