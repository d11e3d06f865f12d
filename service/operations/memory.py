"""Memory of this machine and this process; large blocks go back to the system after use."""

import contextlib
import ctypes
import gc
import os
import sys
from collections.abc import Iterator
from pathlib import Path

#: Of glibc's ``malloc.h``: blocks from this size are mapped by themselves, a heap keeps so much that is free at its
#: end, and so few heaps serve all threads.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
KEPT_BYTES, MAPPED_BYTES, HEAPS = 16_000_000, 4_000_000, 2


def return_freed_memory() -> None:
    """Have the C library do so: one hostile body must not leave the process large.

    glibc alone would raise its thresholds with each large block that it sees freed; told the one, it leaves the other
    where it is, so low that a batch of a thousand pictures waits as long for its pages as for its products.
    """
    if sys.platform != "linux":
        return
    library = ctypes.CDLL(None)
    if hasattr(library, "mallopt"):  # not so in musl, which gives back anyway
        library.mallopt(_M_MMAP_THRESHOLD, MAPPED_BYTES)
        library.mallopt(_M_TRIM_THRESHOLD, KEPT_BYTES)
        library.mallopt(_M_ARENA_MAX, HEAPS)


@contextlib.contextmanager
def gc_paused() -> Iterator[None]:
    """While inside, nobody looks for garbage: imports leave hardly any, and the looking takes a sixth of their time.

    What they made stays: nobody looks at it afterwards either, or the first look would be at all of it.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


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
