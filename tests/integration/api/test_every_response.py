"""Every response of the service has the same headers, whichever part of it answers."""

import asyncio
import socket
from typing import Any

import httpx2
import pytest
from fastapi import APIRouter, FastAPI, Request, Response

from service.api.access.scopes import public
from service.api.fast_path.routes import FastRoutes, PlainRoute
from service.api.http.problems import HANDLERS
from service.api.live.metrics import Metrics
from service.api.middleware.body_limit import BodyLimit
from service.api.middleware.one_pass import OnePass
from service.api.siblings import Siblings
from service.errors import QueueFull
from service.settings import Settings
from tests.conftest import StartServer
from tests.servers import PATIENCE_S, Server

PIXELS: dict[str, Any] = {"pixels": [0] * 784}
PREFLIGHT = {"Origin": "https://evil.example.org", "Access-Control-Request-Method": "POST"}
STREAM = {"Accept": "text/event-stream"}

#: What each part answers: status, method, path and what else is sent.
CASES: dict[str, tuple[int, str, str, dict[str, Any]]] = {
    "the page": (200, "GET", "/", {}),
    "a route": (200, "GET", "/v1/jobs", {}),
    "a compressed answer": (200, "GET", "/v1/options", {"headers": {"Accept-Encoding": "gzip"}}),
    "a head": (200, "HEAD", "/v1/jobs", {}),
    "a redirect": (307, "GET", "/v1/jobs/", {}),
    "no route": (404, "GET", "/nowhere", {}),
    "another method": (405, "PUT", "/v1/jobs", {}),
    "options": (204, "OPTIONS", "/v1/jobs", {}),
    "a refused preflight": (403, "OPTIONS", "/v1/jobs", {"headers": PREFLIGHT}),
    "an unknown host": (421, "GET", "/v1/jobs", {"headers": {"Host": "evil.example.org"}}),
    "an unknown coding": (415, "POST", "/v1/predict", {"content": b"x", "headers": {"Content-Encoding": "br"}}),
    "another site's page": (403, "POST", "/v1/predict", {"json": PIXELS, "headers": {"Origin": "null"}}),
    "a prediction": (200, "POST", "/v1/predict", {"json": PIXELS}),
    "a prediction that is refused": (422, "POST", "/v1/predict", {"json": {}}),
    "a protocol's prediction": (200, "POST", "/v1/models/digits:predict", {"json": {"instances": [[0] * 784]}}),
    "a protocol's refusal": (404, "POST", "/v2/models/none/infer", {"json": {}}),
}


def check(headers: httpx2.Headers, request_id: str) -> None:
    """Check that a response has each of the headers once."""
    expected = {
        "x-request-id": request_id,
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
    }
    assert {name: headers.get_list(name) for name in expected} == {name: [value] for name, value in expected.items()}
    assert len(headers.get_list("content-security-policy")) == 1
    assert "frame-ancestors 'none'" in headers["content-security-policy"]


@pytest.mark.parametrize("name", CASES)
def test_every_part_answers_with_all_headers(session_server: Server, name: str) -> None:
    """Routes, predictions, refusals and errors have the security headers and the request's id."""
    status, method, path, sent = CASES[name]
    headers = {**sent.get("headers", {}), "X-Request-ID": "mine"}
    answer = httpx2.request(method, session_server.base_url + path, timeout=PATIENCE_S, **{**sent, "headers": headers})
    assert answer.status_code == status, answer.text
    check(answer.headers, "mine")


def test_a_stream_has_all_headers(start_server: StartServer) -> None:
    """The stream of a job that waits."""
    with start_server(trainer=False).client() as client:
        job = client.post("/v1/jobs", json={"epochs": 1}).json()
        headers = STREAM | {"X-Request-ID": "mine"}
        with client.stream("GET", f"/v1/jobs/{job['id']}/events", headers=headers) as answer:
            assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, STREAM["Accept"])
            check(answer.headers, "mine")


@pytest.mark.parametrize("path", ["/v1/predict", "/v1/jobs"])
def test_a_body_over_the_limit_has_all_headers(session_server: Server, path: str) -> None:
    """The 413 comes before the body does."""
    lines = ["Host: localhost", "Content-Type: application/json", "Content-Length: 999999999999", "X-Request-ID: mine"]
    with socket.create_connection(("127.0.0.1", session_server.port), PATIENCE_S) as connection:
        connection.sendall("\r\n".join([f"POST {path} HTTP/1.1", *lines, "Connection: close", "", ""]).encode())
        status, *head = b"".join(iter(lambda: connection.recv(4096), b"")).partition(b"\r\n\r\n")[0].splitlines()
    assert b" 413 " in status
    check(httpx2.Headers([tuple(line.split(b": ", 1)) for line in head]), "mine")


def failing_app() -> OnePass:
    """An application whose fast route and whose route of FastAPI's fail as the path says, or never answer."""

    async def fail(kind: str) -> Response:
        if kind == "busy":
            raise QueueFull("Too many jobs wait.", retry_after_s=1)
        if kind == "slow":
            await asyncio.Event().wait()
        raise RuntimeError(kind)

    router, app = APIRouter(route_class=PlainRoute), FastAPI(exception_handlers=HANDLERS)

    @router.post("/fast/{kind}")
    @public
    async def fast(_: Request, kind: str) -> Response:
        return await fail(kind)

    app.post("/usual/{kind}", response_model=None)(fail)
    app.router.routes += router.routes
    limits = BodyLimit(max_body_bytes=1000, uploads={}, max_large=1, stopping=asyncio.Event())
    settings = Settings.model_validate({"request_timeout_s": 0.1})

    async def in_app(scope: Any, receive: Any, send: Any) -> None:
        await FastRoutes(app, router)(scope | {"app": app}, receive, send)

    return OnePass(in_app, settings, metrics=Metrics(Siblings()), body_limit=limits)


@pytest.mark.parametrize("part", ["fast", "usual"])
@pytest.mark.parametrize(("kind", "status"), [("busy", 429), ("slow", 504), ("odd", 500)])
def test_every_failure_has_all_headers(part: str, kind: str, status: int) -> None:
    """On the fast path as in FastAPI, an expected and an unexpected error, and a response that is late."""

    async def ask() -> httpx2.Response:
        transport = httpx2.ASGITransport(failing_app(), raise_app_exceptions=False)
        async with httpx2.AsyncClient(transport=transport, base_url="http://localhost:8000") as client:
            return await client.post(f"/{part}/{kind}", headers={"X-Request-ID": "mine"})

    answer = asyncio.run(ask())
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    check(answer.headers, "mine")
