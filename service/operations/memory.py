"""Measures the memory of this machine and process, and makes freed memory return to the operating system."""

import contextlib
import ctypes
import gc
import os
import sys
from collections.abc import Iterator
from pathlib import Path

#: Options of glibc's ``malloc.h``, and their values: a heap keeps up to KEPT_BYTES of free memory at its end, a block
#: of MAPPED_BYTES or more gets a mapping of its own, and all threads share HEAPS heaps.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
KEPT_BYTES, MAPPED_BYTES, HEAPS = 16_000_000, 4_000_000, 2


def return_freed_memory() -> None:
    """Make the C library return freed memory to the operating system, so that one huge request body does not stay.

    By default glibc raises its thresholds each time that a large block is freed. Setting one threshold switches that
    off for both. The other would then stay at its low default, at which a batch of a thousand pictures spends as much
    time on page faults as on matrix products. So both are set.
    """
    if sys.platform != "linux":
        return
    library = ctypes.CDLL(None)
    if hasattr(library, "mallopt"):  # musl has no mallopt, and returns freed memory anyway
        library.mallopt(_M_MMAP_THRESHOLD, MAPPED_BYTES)
        library.mallopt(_M_TRIM_THRESHOLD, KEPT_BYTES)
        library.mallopt(_M_ARENA_MAX, HEAPS)


@contextlib.contextmanager
def gc_paused() -> Iterator[None]:
    """Switch Python's garbage collection off within the context: imports leave little garbage and run a sixth faster.

    The objects that exist at the end are frozen. Otherwise the next garbage collection would examine all of them.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


#: The files with the memory limit of this process's control group (cgroup): version 2, then version 1.
_GROUP_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


def total_bytes() -> int:
    """Return the memory of this machine, or the memory limit of the container if that is lower."""
    if not hasattr(os, "sysconf"):  # Windows has no sysconf: no limit is known
        return sys.maxsize
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min([machine, *map(_group_limit, _GROUP_LIMITS)])


def _group_limit(file: Path) -> int:
    try:
        return int(file.read_text())
    except (OSError, ValueError):  # no such file, or the word "max"
        return sys.maxsize


def resident_bytes() -> int | None:
    """Return the resident memory of this process; None if the system has no ``/proc``."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")
