"""The sockets on which the API accepts connections."""

import logging
import socket
from collections.abc import Iterable

from service.errors import Misconfigured
from service.settings import Settings

logger = logging.getLogger(__name__)

#: How many connections may wait to be accepted.
BACKLOG = 2048

#: How many connections a process accepts in one round of its event loop. uvloop accepts one on each socket, and a busy
#: process needs a round for each request that it has: the last of 64 new clients would wait for thousands of requests.
ACCEPTED_AT_ONCE = 8


def listening(settings: Settings) -> list[socket.socket]:
    """Return a socket for each address of the settings' host; connections wait there until they are accepted.

    Raises:
        Misconfigured: Nothing can listen on the address.
    """
    port, sockets = settings.port, []
    try:
        found = socket.getaddrinfo(settings.host, port, type=socket.SOCK_STREAM)
        for family, _, _, _, (address, *_) in found:
            sockets.append(socket.create_server((str(address), port), family=family, backlog=BACKLOG))
            port = sockets[0].getsockname()[1]
    except OSError as error:
        raise Misconfigured(
            f"The service cannot listen on {settings.host}:{settings.port}: {error.strerror}."
        ) from error
    logger.info("the service listens on http://%s:%d", settings.host, port)
    return sockets


def copies(sockets: Iterable[socket.socket]) -> list[socket.socket]:
    """Return the sockets, each as often as connections are accepted on it at once."""
    return [each if number == 0 else each.dup() for each in sockets for number in range(ACCEPTED_AT_ONCE)]
