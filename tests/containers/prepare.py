"""Starts the engine and builds the images before the tests: `make images`, which CI runs beside other checks."""

import signal
import sys
import tempfile
from pathlib import Path

from tests.containers.engines import Engine, engine
from tests.containers.stacks import Stack

#: A service for each image, by profile. Compose's first version would build an image again for each of its services,
#: and read gigabytes of layers each time. `postgres` uses the images of `sqlite`; only the lab builds a `ray-store`.
SERVICES = {"sqlite": ("api", "trainer"), "ray": ("ray-head", "ray-store")}


def build(running: Engine, secrets: Path) -> None:
    """Build each image once; the engine keeps them."""
    for profile, services in SERVICES.items():
        Stack(running, profile, secrets).run("build", *services)


def main() -> None:
    """Start the engine, and build all images."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that a lab's engine is stopped
    with engine() as running, tempfile.TemporaryDirectory() as secrets:
        build(running, Path(secrets))


if __name__ == "__main__":
    main()
