"""Has the C library give large blocks back to the system: one hostile body must not leave the process large."""

import ctypes
import sys

#: Of glibc's ``malloc.h``: blocks from this size are mapped by themselves, and so few heaps serve all threads.
_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8
MAPPED_BYTES, HEAPS = 4_000_000, 2


def give_back_large_blocks() -> None:
    """Set it for this process. glibc alone would raise its threshold with each large block that it sees freed."""
    if sys.platform != "linux":
        return
    library = ctypes.CDLL(None)
    if hasattr(library, "mallopt"):  # not so in musl, which gives back anyway
        library.mallopt(_M_MMAP_THRESHOLD, MAPPED_BYTES)
        library.mallopt(_M_ARENA_MAX, HEAPS)
