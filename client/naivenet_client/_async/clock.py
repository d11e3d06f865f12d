"""Sleeps."""


async def sleep(seconds: float) -> None:
    """Wait so many seconds."""
    import asyncio  # noqa: PLC0415  # the import of the blocking client need not take 45 ms more

    await asyncio.sleep(seconds)
