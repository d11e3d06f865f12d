"""Memory of this machine and this process; large blocks go back to the system after use."""

import ctypes
import os
import sys
from pathlib import Path

#: Of glibc's ``malloc.h``: blocks from this size are mapped by themselves, and so few heaps serve all threads.
_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8
MAPPED_BYTES, HEAPS = 4_000_000, 2


def give_back_large_blocks() -> None:
    """Have the C library do so: one hostile body must not leave the process large.

    glibc alone would raise its threshold with each large block that it sees freed.
    """
    if sys.platform != "linux":
        return
    library = ctypes.CDLL(None)
    if hasattr(library, "mallopt"):  # not so in musl, which gives back anyway
        library.mallopt(_M_MMAP_THRESHOLD, MAPPED_BYTES)
        library.mallopt(_M_ARENA_MAX, HEAPS)


#: Where a control group says how much its processes may take: version 2, then 1.
_GROUP_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


def total_bytes() -> int:
    """The memory of this machine, or of the container that this process is in."""
    if not hasattr(os, "sysconf"):  # Windows: nothing that we know of limits it
        return sys.maxsize
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min([machine, *map(_group_limit, _GROUP_LIMITS)])


def _group_limit(file: Path) -> int:
    try:
        return int(file.read_text())
    except (OSError, ValueError):  # no such file, or the word "max"
        return sys.maxsize


def resident_bytes() -> int | None:
    """What this process holds in memory; None where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")
