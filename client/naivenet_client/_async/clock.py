"""Sleeps."""


async def sleep(seconds: float) -> None:
    """Wait so many seconds."""
    import asyncio  # noqa: PLC0415  # takes 30 ms, which the import of the blocking client need not spend

    await asyncio.sleep(seconds)
