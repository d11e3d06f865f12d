"""Checks the URL of a new webhook against SSRF: only public addresses, unless the operator allows private ones.

A host name is resolved at each delivery, and the client checks the address then.
"""

from ipaddress import ip_address

from pydantic import HttpUrl

from service.domain.webhook import is_public
from service.errors import InvalidInput


def check_public(url: str) -> None:
    """Refuse a URL whose host is visibly private: localhost, or an address that is not public.

    Raises:
        InvalidInput: The host is private.
    """
    host = (HttpUrl(url).host or "").strip("[]")
    if _is_private(host):
        raise InvalidInput.at(
            "/url",
            f"{host} is not a public address: use a public one, or ask the operator to set "
            "NAIVENET_WEBHOOK_PRIVATE_ADDRESSES=true.",
        )


def _is_private(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    return not is_public(host)
