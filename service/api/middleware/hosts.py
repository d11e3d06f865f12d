"""Rejects unknown Host headers, which protects a service on localhost or in a private network from DNS rebinding."""

import functools
from collections.abc import Sequence

from starlette.types import Scope

from service.api.http.request_info import first_headers
from service.errors import Misdirected

#: How many distinct `Host` headers the cache of decisions holds.
CACHED_HOSTS = 256

#: Paths that also answer requests without a Host header: old health checks send none, and a browser always does.
HEALTH_PATHS = frozenset({"/health/live", "/health/ready", "/v2/health/live", "/v2/health/ready"})


class TrustedHosts:
    """Refuses requests with an unknown Host header.

    In a DNS rebinding attack, a page of evil.example lets that name resolve to this machine. The browser then sends
    the page's requests here, but with ``Host: evil.example``, which the page cannot change.

    Args:
        names: Host names such as ``example.org`` or ``*.example.org``; empty, or with ``*`` in it, to allow any.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._names = frozenset() if "*" in names else frozenset(name.lower() for name in names)
        self._is_known = functools.lru_cache(maxsize=CACHED_HOSTS)(self._look_up)

    def check(self, scope: Scope) -> None:
        """Refuse a request whose host is not known.

        Raises:
            Misdirected: It is not.
        """
        header = first_headers(scope).get(b"host", b"")
        if not self._names or self._is_known(header) or (not header and scope["path"] in HEALTH_PATHS):
            return
        host = host_of(header)
        raise Misdirected(f"Unknown host {host!r} in the Host header; add it to NAIVENET_TRUSTED_HOSTS to allow it.")

    def _look_up(self, header: bytes) -> bool:
        host = host_of(header)
        return host in self._names or f"*.{host.partition('.')[2]}" in self._names


def host_of(header: bytes) -> str:
    """Return the host name in a Host header, without its port."""
    host = header.decode("latin-1").lower()
    return host if host.endswith("]") else host.rpartition(":")[0] or host
