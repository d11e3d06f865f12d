"""Says in words whose a file is and as which user this process runs: in a container these are often different."""

import os
from pathlib import Path


def users_of(path: Path) -> str:
    """Return both users of *path*, or of the nearest folder above it that this process can see."""
    nearest = next(each for each in (path, *path.absolute().parents) if os.access(each, os.F_OK))
    return f"{str(nearest)!r} belongs to the user {nearest.stat().st_uid}, and this process runs as {os.getuid()}"
