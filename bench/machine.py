"""Describes the machine and the versions that were measured; figures mean nothing without them."""

import os
import platform
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

_PACKAGES = ("tensorflow-cpu", "tensorflow", "keras", "numpy", "fastapi", "uvicorn")
_GIB = 2**30


def described() -> str:
    """Return one paragraph on the machine and the versions."""
    versions = [f"{name} {version}" for name in _PACKAGES if (version := version_of(name))]
    parts = [
        f"{_cpu()}, {cores()} cores",
        f"{_memory_gib():.0f} GiB of memory",
        f"{platform.system()} {platform.release()}",
        f"Python {platform.python_version()}",
        *versions,
    ]
    load = f", with a load of {os.getloadavg()[0]:.1f} when it began" if hasattr(os, "getloadavg") else ""
    return f"Measured on {datetime.now(UTC):%Y-%m-%d}{load}: {', '.join(parts)}."


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def version_of(package: str) -> str | None:
    """Return the version of *package*; None if it is not installed."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _memory_gib() -> float:
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / _GIB
