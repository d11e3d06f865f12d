"""The limit: a minimal ASGI application on the same uvicorn, which reads the body and returns a constant."""

from typing import Any

import uvicorn

from bench.servers import arguments

_ANSWER = b'{"padding":"'.ljust(570, b".") + b'"}'
_HEADERS = [(b"content-type", b"application/json"), (b"content-length", str(len(_ANSWER)).encode())]


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Read the body, and send the constant."""
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
    await send({"type": "http.response.body", "body": _ANSWER})


if __name__ == "__main__":
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=arguments().port,
        log_level="warning",
        access_log=False,
        server_header=False,
        lifespan="off",
    )
