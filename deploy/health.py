"""A container's health check: the API is ready, or the trainer has polled the queue within the last minute."""

import os
import sys
import time
import urllib.request
from pathlib import Path

#: The longest time between two polls of a healthy trainer, and how long to wait for the API, in seconds.
MAX_SILENCE_S, TIMEOUT_S = 60, 4


def main() -> None:
    """Exit with an error that says what is unhealthy."""
    if pulse := os.environ.get("NAIVENET_PULSE_FILE"):
        silent_s = time.time() - Path(pulse).stat().st_mtime
        sys.exit(f"the trainer last polled the queue {silent_s:.0f} s ago" if silent_s > MAX_SILENCE_S else 0)
    port = os.environ.get("NAIVENET_PORT", "8000")
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=TIMEOUT_S):  # an error status raises
        pass


if __name__ == "__main__":
    main()
