"""The outermost layers: hosts, headers, other sites' pages, rates, and the time that an answer may take."""

import asyncio
import itertools
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from service.api.access.rate_limits import RateLimits
from service.api.middleware.stack import protected
from service.errors import TooManyRequests
from service.settings import Settings
from tests.conftest import StartServer
from tests.servers import PATIENCE_S, Server

FRONT_END = "https://front.example.org"


@pytest.fixture
def released() -> Iterator[threading.Event]:
    """Until it is set, the tiny application's slow work goes on; it is set at the end."""
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory, tiny: Path) -> Iterator[Server]:
    """A service with little patience."""
    folder = tmp_path_factory.mktemp("strict")
    server = Server(folder, tiny=tiny, trainer=False, request_timeout_s=0.5, max_requests_per_s=3).start()
    yield server
    server.stop()


def tiny_app(released: threading.Event) -> Starlette:
    """An application with an answer, one of its own policy, one that waits, one that works, and a stream."""

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


@asynccontextmanager
async def edged(released: threading.Event, **settings: object) -> AsyncIterator[httpx.AsyncClient]:
    """Speaks to the tiny application inside its edges."""
    app = protected(tiny_app(released), Settings.model_validate(settings))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost:8000") as client:
        yield client


def ask(released: threading.Event, path: str, *, method: str = "GET", **settings: object) -> httpx.Response:
    """One answer of the tiny application inside its edges."""
    headers = settings.pop("headers", {})

    async def once() -> httpx.Response:
        async with edged(released, **settings) as client:
            return await client.request(method, path, headers=headers)  # type: ignore[arg-type]  # a dict of ours

    return asyncio.run(once())


def test_every_answer_is_kept_from_misuse(session_server: Server) -> None:
    """Whatever it is; none says what serves it, nor in which version."""
    for path in ("/", "/v1/jobs", "/nowhere", "/openapi.json", "/health/live"):
        headers = httpx.get(session_server.base_url + path, timeout=PATIENCE_S).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers.get_list("content-security-policy") == [headers["content-security-policy"]]
        assert "server" not in headers


def test_an_answers_own_policy_stays(released: threading.Event) -> None:
    """The page's, for one."""
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
def test_only_known_hosts_are_answered(
    released: threading.Event, names: str | None, host: str, *, answered: bool
) -> None:
    """Alone on its machine a service answers to that machine's own names: no page can make another point here."""
    answer = ask(released, "/", headers={"Host": host}, trusted_hosts=names)
    assert answer.status_code == (200 if answered else 421)
    assert answered or answer.json()["code"] == "misdirected"


def test_where_others_can_connect_any_host_is_answered(released: threading.Event) -> None:
    """Unless it is said which."""
    assert ask(released, "/", headers={"Host": "any"}, host="0.0.0.0").status_code == 200  # noqa: S104  # a setting


def test_only_listed_origins_may_read(released: threading.Event) -> None:
    """A front end's page sees the answer and its headers; another's does not."""
    listed = ask(released, "/", headers={"Origin": FRONT_END}, cors_origins=FRONT_END).headers
    other = ask(released, "/", headers={"Origin": "https://evil.example.org"}, cors_origins=FRONT_END).headers
    assert listed["access-control-allow-origin"] == FRONT_END
    assert {"ETag", "Location", "RateLimit", "X-Request-ID"} <= set(listed["access-control-expose-headers"].split(", "))
    assert listed["cross-origin-resource-policy"] == "cross-origin"
    assert "access-control-allow-origin" not in other
    assert "access-control-allow-origin" not in ask(released, "/", headers={"Origin": FRONT_END}).headers


def test_a_front_end_may_send_its_key(released: threading.Event) -> None:
    """The browser asks first, without it."""
    asked = {"Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": "authorization, content-type"}
    answer = ask(released, "/", method="OPTIONS", headers={"Origin": FRONT_END, **asked}, cors_origins=FRONT_END)
    assert answer.status_code == 200
    assert "PATCH" in answer.headers["access-control-allow-methods"]
    assert "Authorization" in answer.headers["access-control-allow-headers"]


def test_a_page_elsewhere_cannot_send_orders_to_a_service_without_keys(session_server: Server) -> None:
    """A browser would carry them; the service's own page, and programs, send as they like."""
    url = f"{session_server.base_url}/v1/jobs/job_none/cancel"
    answers = [
        httpx.post(url, headers=headers, timeout=PATIENCE_S) for headers in ({"Origin": FRONT_END}, {"Origin": "null"})
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(403, "forbidden")] * 2
    assert httpx.post(url, headers={"Origin": session_server.base_url}, timeout=PATIENCE_S).status_code == 404
    assert httpx.post(url, timeout=PATIENCE_S).status_code == 404
    read = httpx.get(f"{session_server.base_url}/v1/jobs", headers={"Origin": FRONT_END}, timeout=PATIENCE_S)
    assert read.status_code == 200


@pytest.mark.parametrize("path", ["/waiting", "/working"])
def test_an_answer_that_does_not_begin_in_time_is_given_up(released: threading.Event, path: str) -> None:
    """``504`` at once, also where a thread still works; the connection ends with it."""
    threading.Timer(0.5, released.set).start()  # the end of the loop waits for its threads
    answer = ask(released, path, request_timeout_s=0.05)
    assert (answer.status_code, answer.json()["code"]) == (504, "took_too_long")
    assert (answer.headers["connection"], answer.headers["retry-after"]) == ("close", "5")


def test_a_stream_that_has_begun_may_take_its_time(released: threading.Event) -> None:
    """The limit is for the beginning."""
    assert ask(released, "/stream", request_timeout_s=0.1).content == b"." * 10


def test_a_body_that_never_ends_is_given_up(strict: Server) -> None:
    """By a real server, which then ends the connection."""
    head = "POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"
    with socket.create_connection(("127.0.0.1", strict.port), PATIENCE_S) as connection:
        connection.sendall(head.encode())
        answer = b"".join(iter(lambda: connection.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 504")


def test_a_caller_may_ask_so_often_and_no_more() -> None:
    """Each for itself; answers say what is left, refusals when to come back."""
    rates = RateLimits(3)
    assert dict(rates.count("a")) == {b"ratelimit-policy": b'"requests";q=3;w=1', b"ratelimit": b'"requests";r=2;t=1'}
    with pytest.raises(TooManyRequests) as refused:
        list(map(rates.count, itertools.repeat("a")))
    assert refused.value.retry_after_s == 1
    assert refused.value.headers["RateLimit"] == '"requests";r=0;t=1'
    assert rates.count("b")


def test_without_a_limit_nothing_is_counted() -> None:
    """And nothing is told."""
    assert RateLimits(0).count("a") == []


def forwarded(server: Server) -> Iterator[httpx.Response]:
    """Answers to requests that each claim to come from another address."""
    with server.client() as client:
        for number in itertools.count():
            yield client.get("/v1/options", headers={"X-Forwarded-For": f"10.0.0.{number % 250}"})


def test_a_refused_request_says_when_to_come_back(strict: Server) -> None:
    """By address where no key is asked for, whatever a client claims its address to be."""
    answer = next(answer for answer in forwarded(strict) if answer.status_code != 200)
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_requests")
    assert answer.headers["retry-after"] == "1"
    assert answer.headers["ratelimit-policy"] == '"requests";q=3;w=1'
    assert httpx.get(f"{strict.base_url}/health/live", timeout=PATIENCE_S).status_code == 200


def test_a_trusted_proxy_tells_the_address(start_server: StartServer) -> None:
    """Then each client behind it has a limit of its own."""
    server = start_server(trainer=False, max_requests_per_s=1, trusted_proxies="127.0.0.1")
    assert {answer.status_code for answer in itertools.islice(forwarded(server), 50)} == {200}
