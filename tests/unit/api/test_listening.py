"""The sockets on which the service accepts connections."""

import asyncio
import os
import socket
from contextlib import ExitStack
from typing import Any

import pytest

from service.api.listening import listen, repeated
from service.errors import Misconfigured
from service.settings import Settings

MANY = 32


async def rounds(sockets: list[socket.socket]) -> int:
    """Return how many rounds of the event loop pass until as many connections as wait are accepted."""
    loop, passed, made = asyncio.get_running_loop(), 0, []

    class Connection(asyncio.Protocol):
        def connection_made(self, transport: Any) -> None:
            made.append(transport)

    servers = [await loop.create_server(Connection, sock=each) for each in sockets]
    while len(made) < MANY and passed < 10 * MANY:
        await asyncio.sleep(0)
        passed += 1
    for each in (*made, *servers):
        each.close()
    return passed


def test_a_burst_of_connections_is_accepted_in_few_rounds() -> None:
    """A busy process, whose rounds are long, makes none of many new clients wait for as many rounds."""
    uvloop = pytest.importorskip("uvloop", reason="uvloop is not for Windows")
    (listener,) = listen(Settings(port=0))
    with ExitStack() as clients:
        for _ in range(MANY):
            clients.enter_context(socket.create_connection(listener.getsockname()))
        assert uvloop.run(rounds(repeated([listener]))) <= MANY / 4


def test_a_process_that_starts_does_not_make_those_that_run_wait() -> None:
    """A socket that processes share stays as it is: a process that tries to accept, and finds no client, goes on."""
    (listener,) = listen(Settings(port=0))
    listener.settimeout(0)  # as the event loop of a process that runs has it
    sockets = repeated([socket.socket(fileno=os.dup(listener.fileno()))])  # as another process inherits it
    assert not os.get_blocking(listener.fileno())
    for each in (listener, *sockets):
        each.close()


@pytest.fixture
def addresses(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses of any name, which a test adds."""
    found: list[str] = []

    def look_up(_: str, port: int, **_options: Any) -> list[tuple[Any, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return found


def test_a_name_with_several_addresses_listens_on_each(addresses: list[str]) -> None:
    """They have the same port, also where the system chooses it; one that is not this machine's is left out."""
    addresses += ["127.0.0.1", "192.0.2.1", "127.0.0.2", "127.0.0.1"]
    sockets = listen(Settings(host="several", port=0))
    names = [each.getsockname() for each in sockets]
    assert [address for address, _ in names] == ["127.0.0.1", "127.0.0.2"]
    assert len({port for _, port in names}) == 1
    for each in sockets:
        each.close()


def test_a_name_without_an_address_here_is_an_error_in_words(addresses: list[str]) -> None:
    """The service does not start without listening."""
    addresses += ["192.0.2.1"]
    with pytest.raises(Misconfigured, match=r"cannot listen on several:0: this machine has no such address\.$"):
        listen(Settings(host="several", port=0))


def test_an_address_of_ipv6_is_a_link_in_the_log(addresses: list[str], caplog: pytest.LogCaptureFixture) -> None:
    """It has brackets."""
    addresses += ["127.0.0.1"]
    with caplog.at_level("INFO"):
        (listener,) = listen(Settings(host="::1", port=0))
    assert f"http://[::1]:{listener.getsockname()[1]}" in caplog.text
    listener.close()


def test_a_port_in_use_is_an_error_in_words() -> None:
    """What listens already is not disturbed."""
    (listener,) = listen(Settings(port=0))
    port = listener.getsockname()[1]
    with pytest.raises(Misconfigured, match=rf"^The service cannot listen on 127\.0\.0\.1:{port}: Address already in"):
        listen(Settings(port=port))
    listener.close()
