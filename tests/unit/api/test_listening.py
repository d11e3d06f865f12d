"""The sockets on which the service accepts connections."""

import asyncio
import socket
from contextlib import ExitStack
from typing import Any

import pytest

from service.api.listening import copies, listening
from service.errors import Misconfigured
from service.settings import Settings

uvloop = pytest.importorskip("uvloop", reason="uvloop is not for Windows")

MANY = 32


async def rounds(sockets: list[socket.socket]) -> int:
    """Return how many rounds of the event loop pass until as many connections as wait are accepted."""
    loop, passed, made = asyncio.get_running_loop(), 0, []

    class Connection(asyncio.Protocol):
        def connection_made(self, transport: Any) -> None:
            made.append(transport)

    servers = [await loop.create_server(Connection, sock=each) for each in sockets]
    while len(made) < MANY:
        await asyncio.sleep(0)
        passed += 1
    for each in (*made, *servers):
        each.close()
    return passed


def test_a_burst_of_connections_is_accepted_in_few_rounds() -> None:
    """A busy process, whose rounds are long, makes none of many new clients wait for as many rounds."""
    (listener,) = listening(Settings(port=0))
    with ExitStack() as clients:
        for _ in range(MANY):
            clients.enter_context(socket.create_connection(listener.getsockname()))
        assert uvloop.run(rounds(copies([listener]))) <= MANY / 4


def test_a_name_with_several_addresses_listens_on_each() -> None:
    """All addresses of a host have the same port, also where the system chooses it."""
    sockets = listening(Settings(host="localhost", port=0))
    assert len({each.getsockname()[1] for each in sockets}) == 1
    for each in sockets:
        each.close()


def test_a_port_in_use_is_an_error_in_words() -> None:
    """What listens already is not disturbed."""
    (listener,) = listening(Settings(port=0))
    port = listener.getsockname()[1]
    with pytest.raises(Misconfigured, match=rf"^The service cannot listen on 127\.0\.0\.1:{port}: Address already in"):
        listening(Settings(port=port))
    listener.close()
