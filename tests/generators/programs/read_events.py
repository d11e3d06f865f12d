"""Follows a job's events with the package aiohttp-sse-client until it reconnects no more, and prints how many came."""

import asyncio
import sys

from aiohttp_sse_client.client import EventSource


async def main(url: str) -> None:
    """Read to the end: the client raises an error for an answer without events."""
    count = 0
    try:
        async with EventSource(url) as source:
            async for _ in source:
                count += 1
    except ConnectionAbortedError:
        print(count)


asyncio.run(main(sys.argv[1]))
