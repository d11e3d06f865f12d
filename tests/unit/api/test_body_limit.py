"""How many large request bodies are read at a time, and what becomes of an upload when the service stops."""

import asyncio
from typing import Any

import pytest

from service.api.middleware.body_limit import LARGE_BYTES, BodyLimit
from service.errors import ComeBackLater

LARGE = bytes(LARGE_BYTES + 1)


def limited(stopping: asyncio.Event, *, wait_s: float = 0.05) -> BodyLimit:
    """Return limits that allow one large body of each kind."""
    uploads = {"/upload": 10 * LARGE_BYTES}
    return BodyLimit(max_body_bytes=10 * LARGE_BYTES, uploads=uploads, max_large=1, stopping=stopping, wait_s=wait_s)


def request(limits: BodyLimit, path: str, *parts: bytes, end: asyncio.Event | None = None) -> asyncio.Task[None]:
    """Read the whole body of a request, which is complete when *end* is set."""
    left = list(parts)

    async def receive() -> dict[str, Any]:
        if left:
            return {"type": "http.request", "body": left.pop(0), "more_body": True}
        if end:
            await end.wait()
        return {"type": "http.request", "body": b"", "more_body": False}

    async def read_all() -> None:
        body = limits.of({"type": "http", "path": path, "headers": []}, receive)
        assert body is not None
        try:
            while (await body.receive())["more_body"]:
                pass
        finally:
            body.release()

    return asyncio.ensure_future(read_all())


def test_one_large_body_too_many_is_refused() -> None:
    """It waits for a moment, and is refused; small ones, and those of the other kind, are not; later it is accepted."""

    async def run() -> None:
        app, end = limited(asyncio.Event()), asyncio.Event()
        first = request(app, "/predict", LARGE, end=end)
        await asyncio.sleep(0)
        with pytest.raises(ComeBackLater, match="as many large request bodies") as refused:
            await request(app, "/predict", LARGE)
        assert refused.value.retry_after_s > 0
        await asyncio.gather(request(app, "/predict", b"small"), request(app, "/upload", LARGE))
        end.set()
        await asyncio.gather(first, request(app, "/predict", LARGE), request(app, "/predict", LARGE))

    asyncio.run(run())


def test_an_upload_is_refused_when_the_service_stops() -> None:
    """An upload that is not complete gets an error; another request, and a complete upload, are not disturbed."""

    async def run() -> None:
        stopping, end = asyncio.Event(), asyncio.Event()
        app = limited(stopping)
        upload, other = request(app, "/upload", b"a", end=end), request(app, "/predict", b"a", end=end)
        await asyncio.sleep(0.01)
        stopping.set()
        with pytest.raises(ComeBackLater, match="the upload is not complete"):
            await upload
        end.set()
        await asyncio.gather(other, request(app, "/upload", b"a"))

    asyncio.run(run())
