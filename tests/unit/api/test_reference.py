"""The OpenAPI document that the service returns."""

import asyncio
import time
from typing import Any

from starlette.requests import Request

from service.api.routes.reference import document

CLIENTS = 8


class SlowApp:
    """An application whose document takes a moment, and that counts how often it is built."""

    times_built = 0

    def openapi(self) -> dict[str, Any]:
        """Build the document."""
        self.times_built += 1
        time.sleep(0.1)
        return {"openapi": "3.1.0"}


def test_clients_that_ask_at_once_get_one_document() -> None:
    """It takes two seconds of processor time: a client that asks a hundred times must not cost that a hundred times."""
    app = SlowApp()
    request = Request({"type": "http", "method": "GET", "path": "/openapi.json", "headers": [], "app": app})

    async def ask() -> list[bytes | memoryview]:
        answers = await asyncio.gather(*(document(request) for _ in range(CLIENTS)))
        return [answer.body for answer in answers]

    assert asyncio.run(ask()) == [b'{"openapi":"3.1.0"}'] * CLIENTS
    assert app.times_built == 1
