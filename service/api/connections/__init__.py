"""What happens on a connection before a request reaches the application: limits on heads, on time and on number."""

import asyncio
import importlib.util

from service.api.connections.limits import ConnectionLimits

__all__ = ["ConnectionLimits", "connection_protocol"]


def connection_protocol(limits: ConnectionLimits, *, parser: str | None = None) -> type[asyncio.Protocol]:
    """Return the class of connections with these limits; uvicorn makes its instances.

    Args:
        limits: The limits.
        parser: ``httptools`` or ``h11`` (default: httptools where it is installed, as uvicorn chooses).
    """
    base = _on_httptools() if _is_httptools(parser) else _on_h11()
    return type(base.__name__, (base,), {"limits": limits})


def _is_httptools(parser: str | None) -> bool:
    return parser == "httptools" if parser else importlib.util.find_spec("httptools") is not None


def _on_httptools() -> type[asyncio.Protocol]:
    from service.api.connections.httptools_connection import HttpToolsConnection  # noqa: PLC0415  # not on Windows

    return HttpToolsConnection


def _on_h11() -> type[asyncio.Protocol]:
    from service.api.connections.h11_connection import H11Connection  # noqa: PLC0415  # only where httptools is missing

    return H11Connection
