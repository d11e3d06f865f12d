"""The sockets on which the API accepts connections."""

import errno
import importlib.util
import logging
import os
import socket
from collections.abc import Iterable
from contextlib import ExitStack
from typing import Any

from service.errors import Misconfigured
from service.settings import Settings

logger = logging.getLogger(__name__)

#: How many connections may wait to be accepted.
BACKLOG = 2048

#: How many connections a process accepts in one round of its event loop. uvloop accepts one on each socket, and a busy
#: process needs a round for each request that it has: the last of 64 new clients would wait for thousands of requests.
ACCEPTED_AT_ONCE = 8

#: The errors of an address of a family that this machine does not have, such as IPv6.
NO_SUCH_ADDRESS = frozenset({errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL})


def listen(settings: Settings) -> list[socket.socket]:
    """Return a socket for each address of the settings' host; connections wait there until they are accepted.

    Raises:
        Misconfigured: Nothing can listen on one of the addresses, or none of them is this machine's.
    """
    port, sockets = settings.port, []
    with ExitStack() as opened:
        try:
            found = socket.getaddrinfo(settings.host, port, type=socket.SOCK_STREAM)
            for family, *_, (address, _, *scope) in dict.fromkeys(found):
                if made := _socket(family, (address, port, *scope)):
                    sockets.append(opened.enter_context(made))
                    port = made.getsockname()[1]
        except OSError as error:
            raise _refusal(settings, error.strerror) from error
        opened.pop_all()
    if not sockets:
        raise _refusal(settings, "this machine has no such address")
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    logger.info("the service listens on http://%s:%d", host, port)
    return sockets


def _socket(family: socket.AddressFamily, address: tuple[Any, ...]) -> socket.socket | None:
    """Return a listening socket; None if this machine has no such address."""
    try:
        return socket.create_server(address, family=family, backlog=BACKLOG)
    except OSError as error:
        if error.errno in NO_SUCH_ADDRESS:
            return None
        raise


def _refusal(settings: Settings, reason: str | None) -> Misconfigured:
    return Misconfigured(f"The service cannot listen on {settings.host}:{settings.port}: {reason}.")


def repeated(sockets: Iterable[socket.socket]) -> list[socket.socket]:
    """Return the sockets, each as often as connections are accepted on it at once; asyncio's own loop accepts all."""
    times = ACCEPTED_AT_ONCE if importlib.util.find_spec("uvloop") else 1
    return [each if number == 0 else _copy(each) for each in sockets for number in range(times)]


def _copy(sock: socket.socket) -> socket.socket:
    """Return another socket for the same address; ``dup`` would make both wait, in all processes that share them."""
    return socket.socket(fileno=os.dup(sock.fileno()))
