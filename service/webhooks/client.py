"""One attempt at a delivery. The name is resolved once and its address checked (SSRF, DNS rebinding), then it is sent.

The signature follows the Standard Webhooks scheme (standardwebhooks.com): HMAC-SHA256 over id, time and body.
"""

import asyncio
import base64
import hashlib
import hmac
import socket
import ssl
import time

import httpx2
import orjson

from service.domain.webhook import is_public, secret_key
from service.store.webhooks.outbox import DeliveryAttempt


class Undeliverable(Exception):
    """The attempt failed; the message says why."""


class WebhookClient:
    """Sends deliveries.

    Args:
        timeout_s: How long an attempt may take, from resolving the name to the response's status, in seconds.
        private: Whether to allow addresses that are not public.
        trust: The trusted certificates; by default those of the package certifi.
    """

    def __init__(self, *, timeout_s: float, private: bool, trust: ssl.SSLContext | None = None) -> None:
        self._timeout_s, self._private = timeout_s, private
        # No proxy: it would resolve the name in its own network, past the check of the address. No connection pool:
        # httpx2 would reuse a connection by its address, but the certificate was checked for one host name.
        no_pool = httpx2.Limits(max_keepalive_connections=0)
        self._client = httpx2.AsyncClient(
            verify=trust or httpx2.create_ssl_context(trust_env=False),
            trust_env=False,
            follow_redirects=False,
            timeout=timeout_s,
            limits=no_pool,
        )

    async def send(self, attempt: DeliveryAttempt) -> None:
        """Make one attempt. The body of the response is not read.

        Raises:
            Undeliverable: The receiver did not answer, or not with 2xx.
        """
        try:
            async with asyncio.timeout(self._timeout_s):
                status = await self._post(attempt)
        except TimeoutError as error:
            raise Undeliverable(f"no answer within {self._timeout_s:g} s") from error
        except (httpx2.HTTPError, OSError) as error:
            raise Undeliverable(str(error) or type(error).__name__) from error
        if not httpx2.codes.is_success(status):
            raise Undeliverable(f"the receiver answered {status}")

    async def _post(self, attempt: DeliveryAttempt) -> int:
        url = httpx2.URL(attempt.url)
        name = url.raw_host.decode("ascii")
        address = await self._address(name, url.port or {"http": 80, "https": 443}[url.scheme])
        body = orjson.dumps(attempt.payload)
        headers = {"host": url.netloc.decode("ascii"), "content-type": "application/json", "user-agent": "naivenet"}
        # The URL has the checked address: resolving the name again could give another one (DNS rebinding)
        request = self._client.build_request(
            "POST",
            url.copy_with(host=address),
            content=body,
            headers=headers | signed(attempt.id, body, secret=attempt.secret, at=int(time.time())),
            extensions={"sni_hostname": name},
        )
        answer = await self._client.send(request, stream=True)
        await answer.aclose()
        return answer.status_code

    async def _address(self, name: str, port: int) -> str:
        """Return the address of a host name. If it has several, all must be allowed."""
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(name, port, type=socket.SOCK_STREAM)
        addresses = [str(address[0]) for *_, address in found]
        for address in addresses:
            if not self._private and not is_public(address):
                raise Undeliverable(f"{name} resolves to {address}, which is not a public address")
        return addresses[0]


def signed(message_id: str, body: bytes, *, secret: str, at: int) -> dict[str, str]:
    """Return the headers that identify the message and sign it, sent *at* this time (in seconds since 1970)."""
    content = b"%b.%d.%b" % (message_id.encode(), at, body)
    digest = hmac.digest(secret_key(secret), content, hashlib.sha256)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(at),
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }
