"""Middleware and gate: Host headers, security headers, CORS, CSRF, rate limits, and the deadline of a response."""

import asyncio
import itertools
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from service.api.access.rate_limits import RateLimits
from service.api.live.metrics import Metrics
from service.api.middleware.body_limit import BodyLimit
from service.api.middleware.one_pass import OnePass
from service.api.siblings import Siblings
from service.errors import TooManyRequests
from service.settings import Settings
from tests.conftest import StartServer
from tests.servers import PATIENCE_S, Server

FRONT_END = "https://front.example.org"


@pytest.fixture
def released() -> Iterator[threading.Event]:
    """The tiny application's work in a thread waits for this event; the end of the test sets it."""
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory, tiny: Path) -> Iterator[Server]:
    """A service with a short deadline and a low rate limit."""
    folder = tmp_path_factory.mktemp("strict")
    server = Server(folder, tiny=tiny, trainer=False, request_timeout_s=0.5, max_requests_per_s=3).start()
    yield server
    server.stop()


def tiny_app(released: threading.Event) -> Starlette:
    """An application with a plain route, one with its own policy, two that wait (loop, thread), and a stream."""

    async def framed(_: Request) -> Response:
        return Response(headers={"Content-Security-Policy": "default-src 'self'"})

    async def waiting(_: Request) -> Response:
        await asyncio.Event().wait()
        return Response()

    async def working(_: Request) -> Response:
        await run_in_threadpool(released.wait)
        return Response("too late")

    async def stream(_: Request) -> Response:
        async def pieces() -> AsyncIterator[bytes]:
            for _ in range(10):
                await asyncio.sleep(0.02)
                yield b"."

        return StreamingResponse(pieces())

    async def plain(_: Request) -> Response:
        return PlainTextResponse("hello")

    endpoints = {"/": plain, "/framed": framed, "/waiting": waiting, "/working": working, "/stream": stream}
    return Starlette(routes=[Route(path, endpoint, methods=["GET", "POST"]) for path, endpoint in endpoints.items()])


def one_pass(app: Starlette, settings: Settings) -> OnePass:
    """An application inside the middleware."""
    limits = BodyLimit(max_body_bytes=1_000_000, uploads={}, max_large=1, stopping=asyncio.Event())
    return OnePass(app, settings, metrics=Metrics(Siblings()), body_limit=limits)


@asynccontextmanager
async def protected_client(released: threading.Event, **settings: object) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of the tiny application inside the middleware."""
    app = one_pass(tiny_app(released), Settings.model_validate(settings))
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://localhost:8000") as client:
        yield client


def ask(released: threading.Event, path: str, *, method: str = "GET", **settings: object) -> httpx2.Response:
    """One response of the tiny application inside the middleware."""
    headers = settings.pop("headers", {})

    async def once() -> httpx2.Response:
        async with protected_client(released, **settings) as client:
            return await client.request(method, path, headers=headers)  # type: ignore[arg-type]  # a dict of ours

    return asyncio.run(once())


def test_every_response_has_security_headers(session_server: Server) -> None:
    """Pages, API responses and errors have the security headers, and no `Server` header."""
    for path in ("/", "/v1/jobs", "/nowhere", "/openapi.json", "/health/live"):
        headers = httpx2.get(session_server.base_url + path, timeout=PATIENCE_S).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers.get_list("content-security-policy") == [headers["content-security-policy"]]
        assert "server" not in headers


def test_a_responses_own_policy_stays(released: threading.Event) -> None:
    """A response with a content security policy, such as the page, keeps it."""
    assert ask(released, "/framed").headers.get_list("content-security-policy") == ["default-src 'self'"]


@pytest.mark.parametrize(
    ("names", "host", "answered"),
    [
        (None, "localhost:8000", True),
        (None, "127.0.0.1", True),
        (None, "[::1]:8000", True),
        (None, "evil.example.org", False),
        (None, "", False),
        ("*", "evil.example.org", True),
        ("a.org, *.b.org", "A.org:80", True),
        ("a.org, *.b.org", "www.b.org", True),
        ("a.org, *.b.org", "b.org", False),
        ("a.org, *.b.org", "localhost", False),
    ],
)
def test_unknown_hosts_are_rejected(released: threading.Event, names: str | None, host: str, *, answered: bool) -> None:
    """A local service answers only to local names (DNS rebinding), others only to the listed ones."""
    answer = ask(released, "/", headers={"Host": host}, trusted_hosts=names)
    assert answer.status_code == (200 if answered else 421)
    assert answered or answer.json()["code"] == "misdirected"


@pytest.mark.parametrize(
    "head", ["GET /health/live HTTP/1.0", "GET /v2/health/ready HTTP/1.1", "HEAD /health/ready HTTP/1.0"]
)
def test_health_paths_answer_without_a_host(session_server: Server, head: str) -> None:
    """Load balancers' checks often send no Host header; all other paths require one."""
    for line, status in ((head, b" 200 "), ("GET /v1/jobs HTTP/1.0", b" 421 ")):
        with socket.create_connection(("127.0.0.1", session_server.port), PATIENCE_S) as connection:
            connection.sendall(f"{line}\r\nConnection: close\r\n\r\n".encode())
            assert status in b"".join(iter(lambda: connection.recv(4096), b"")).partition(b"\r\n")[0]


def test_a_public_address_accepts_any_host(released: threading.Event) -> None:
    """A service that other machines can reach accepts any Host header, unless trusted hosts are set."""
    assert ask(released, "/", headers={"Host": "any"}, host="0.0.0.0").status_code == 200  # noqa: S104  # a setting


def test_only_listed_origins_may_read(released: threading.Event) -> None:
    """CORS: a page of a listed origin may read the response and its headers, a page of another may not."""
    listed = ask(released, "/", headers={"Origin": FRONT_END}, cors_origins=FRONT_END).headers
    other = ask(released, "/", headers={"Origin": "https://evil.example.org"}, cors_origins=FRONT_END).headers
    assert listed["access-control-allow-origin"] == FRONT_END
    assert {"ETag", "Location", "RateLimit", "X-Request-ID"} <= set(listed["access-control-expose-headers"].split(", "))
    assert listed["cross-origin-resource-policy"] == "cross-origin"
    assert "access-control-allow-origin" not in other
    assert "access-control-allow-origin" not in ask(released, "/", headers={"Origin": FRONT_END}).headers


def test_a_front_end_may_send_its_key(released: threading.Event) -> None:
    """The CORS preflight request, which has no key, allows the header."""
    asked = {"Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": "authorization, content-type"}
    answer = ask(released, "/", method="OPTIONS", headers={"Origin": FRONT_END, **asked}, cors_origins=FRONT_END)
    assert answer.status_code == 200
    assert "PATCH" in answer.headers["access-control-allow-methods"]
    assert "Authorization" in answer.headers["access-control-allow-headers"]


@pytest.mark.parametrize("origins", [None, "https://other.example.org"])
def test_a_refused_preflight_names_the_setting(
    released: threading.Event, caplog: pytest.LogCaptureFixture, origins: str | None
) -> None:
    """The browser shows none of it, so the log says it, too."""
    headers = {"Origin": FRONT_END, "Access-Control-Request-Method": "POST"}
    answer = ask(released, "/", method="OPTIONS", headers=headers, cors_origins=origins)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    for text in (answer.json()["detail"], caplog.text):
        assert FRONT_END in text
        assert "NAIVENET_CORS_ORIGINS" in text


def test_a_front_end_may_be_traced(released: threading.Event) -> None:
    """The headers that OpenTelemetry adds in a browser pass the preflight."""
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "traceparent,tracestate,prefer"}
    answer = ask(released, "/", method="OPTIONS", headers={"Origin": FRONT_END, **asked}, cors_origins=FRONT_END)
    assert answer.status_code == 200


@pytest.mark.parametrize("setting", ["https://Front.example.ORG/", " HTTPS://front.example.org:443 ,http://a.org"])
def test_origins_are_compared_as_browsers_write_them(released: threading.Event, setting: str) -> None:
    """Case, the default port and a trailing slash do not matter in the setting."""
    headers = ask(released, "/", headers={"Origin": FRONT_END}, cors_origins=setting).headers
    assert headers["access-control-allow-origin"] == FRONT_END


def test_a_service_without_keys_is_protected_against_csrf(session_server: Server) -> None:
    """Another site's page may not change anything; the service's own page and programs may."""
    url = f"{session_server.base_url}/v1/jobs/job_none/cancel"
    answers = [
        httpx2.post(url, headers=headers, timeout=PATIENCE_S) for headers in ({"Origin": FRONT_END}, {"Origin": "null"})
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(403, "forbidden")] * 2
    assert httpx2.post(url, headers={"Origin": session_server.base_url}, timeout=PATIENCE_S).status_code == 404
    assert httpx2.post(url, timeout=PATIENCE_S).status_code == 404
    read = httpx2.get(f"{session_server.base_url}/v1/jobs", headers={"Origin": FRONT_END}, timeout=PATIENCE_S)
    assert read.status_code == 200


@pytest.mark.parametrize("path", ["/waiting", "/working"])
def test_a_response_that_does_not_begin_in_time_is_a_504(released: threading.Event, path: str) -> None:
    """The 504 comes at once, also while a thread still works, and closes the connection."""
    threading.Timer(0.5, released.set).start()  # the event loop waits for its threads when it closes
    answer = ask(released, path, request_timeout_s=0.05)
    assert (answer.status_code, answer.json()["code"]) == (504, "took_too_long")
    assert (answer.headers["connection"], answer.headers["retry-after"]) == ("close", "5")


def test_a_stream_that_has_begun_may_take_its_time(released: threading.Event) -> None:
    """The deadline is for the beginning of a response only."""
    assert ask(released, "/stream", request_timeout_s=0.1).content == b"." * 10


def test_a_body_that_never_ends_is_a_504(strict: Server) -> None:
    """A request whose body does not arrive in time gets a 504, and the server closes the connection."""
    head = "POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"
    with socket.create_connection(("127.0.0.1", strict.port), PATIENCE_S) as connection:
        connection.sendall(head.encode())
        answer = b"".join(iter(lambda: connection.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 504")


def test_each_caller_has_a_rate_limit() -> None:
    """Responses have the rest of the limit, refusals the time to retry after; callers are counted apart."""
    rates = RateLimits(3, Siblings())
    assert dict(rates.count("a")) == {b"ratelimit-policy": b'"requests";q=3;w=1', b"ratelimit": b'"requests";r=2;t=1'}
    with pytest.raises(TooManyRequests) as refused:
        list(map(rates.count, itertools.repeat("a")))
    assert refused.value.retry_after_s == 1
    assert refused.value.headers["RateLimit"] == '"requests";r=0;t=1'
    assert rates.count("b")


def test_without_a_limit_nothing_is_counted() -> None:
    """With a limit of 0 the responses have no rate limit headers."""
    assert RateLimits(0, Siblings()).count("a") == []


def forwarded(server: Server) -> Iterator[httpx2.Response]:
    """Responses to requests that each claim another client address."""
    with server.client() as client:
        for number in itertools.count():
            yield client.get("/v1/options", headers={"X-Forwarded-For": f"10.0.0.{number % 250}"})


def test_a_request_over_the_rate_limit_is_a_429(strict: Server) -> None:
    """Without keys, requests are counted by the connection's address, not by the one that a header claims."""
    answer = next(answer for answer in forwarded(strict) if answer.status_code != 200)
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_requests")
    assert answer.headers["retry-after"] == "1"
    assert answer.headers["ratelimit-policy"] == '"requests";q=3;w=1'
    assert httpx2.get(f"{strict.base_url}/health/live", timeout=PATIENCE_S).status_code == 200


def test_a_trusted_proxy_forwards_the_address(start_server: StartServer) -> None:
    """Behind a trusted proxy each client has a rate limit of its own."""
    server = start_server(trainer=False, max_requests_per_s=1, trusted_proxies="127.0.0.1")
    assert {answer.status_code for answer in itertools.islice(forwarded(server), 50)} == {200}
