# Generated from _async by `make client-sync`: change it there.
"""Sleeps."""


def sleep(seconds: float) -> None:
    """Wait so many seconds."""
    import time  # noqa: PLC0415  # the import of the blocking client need not take 45 ms more

    time.sleep(seconds)
