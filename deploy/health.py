"""A container's health check: whether the API takes work, or when its trainer last looked at the queue."""

import os
import sys
import time
import urllib.request
from pathlib import Path

#: How long the trainer may be silent, and the API quiet, in seconds.
SILENCE_S, PATIENCE_S = 60, 4


def main() -> None:
    """End with an error where it is not well; the text says why."""
    if pulse := os.environ.get("NAIVENET_PULSE_FILE"):
        silent_s = time.time() - Path(pulse).stat().st_mtime
        sys.exit(f"the trainer last looked at the queue {silent_s:.0f} s ago" if silent_s > SILENCE_S else 0)
    port = os.environ.get("NAIVENET_PORT", "8000")
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=PATIENCE_S):  # an error status raises
        pass


if __name__ == "__main__":
    main()
