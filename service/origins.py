"""Origins of web pages, as browsers write them in the ``Origin`` header."""

from urllib.parse import SplitResult, urlsplit

#: Any origin, and the one of pages without one of their own, such as files and sandboxed frames.
ANY, OPAQUE = "*", "null"

_DEFAULT_PORTS = {"http": 80, "https": 443}


def normalized_origin(text: str) -> str:
    """Return an origin as a browser sends it: in lower case, without the default port, a trailing slash or a path.

    Raises:
        ValueError: It is no origin.
    """
    if text in {ANY, OPAQUE}:
        return text
    parts = urlsplit(text)
    try:
        port = parts.port
    except ValueError as error:
        raise ValueError(f"{text!r} is no origin: {error}") from error
    if not parts.scheme or not parts.hostname:
        raise ValueError(f"{text!r} is no origin: write the scheme, too, as in https://{text.strip('/')}")
    if parts.path.strip("/") or parts.query or parts.fragment or parts.username is not None:
        raise ValueError(f"{text!r} is no origin: write only {parts.scheme}://{_host(parts)}, without what follows")
    is_default = port is None or port == _DEFAULT_PORTS.get(parts.scheme)
    return f"{parts.scheme}://{_host(parts)}{'' if is_default else f':{port}'}"


def _host(parts: SplitResult) -> str:
    """Return the host in lower case, with brackets around an IPv6 address, and as browsers encode it."""
    host = parts.hostname or ""
    return f"[{host}]" if ":" in host else host.encode("idna").decode()
