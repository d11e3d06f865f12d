# Generated from _async by `make client-sync`: change it there.
"""Sleeps."""


def sleep(seconds: float) -> None:
    """Wait so many seconds."""
    import time  # noqa: PLC0415  # takes 30 ms, which the import of the blocking client need not spend

    time.sleep(seconds)
