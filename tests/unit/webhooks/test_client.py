"""One attempt at a delivery: signed, sent to public addresses only (SSRF), never following a redirect."""

import asyncio
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from service.domain.webhook import is_public, new_secret
from service.store.webhooks.outbox import DeliveryAttempt
from service.webhooks.client import Undeliverable, WebhookClient, signed
from tests.receivers import Receiver


@pytest.fixture(scope="module")
def receiver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiver]:
    """Start one receiver for all tests of this file."""
    with Receiver(tmp_path_factory.mktemp("receiver") / "requests") as running:
        yield running


def attempt(url: str) -> DeliveryAttempt:
    """Return a delivery to this URL."""
    return DeliveryAttempt(id="msg_1", webhook_id="hook_1", url=url, secret=new_secret(), payload={"n": 1}, attempt=1)


def send(url: str, *, private: bool, timeout_s: float = 30, trust: ssl.SSLContext | None = None) -> None:
    """Send one delivery to this URL."""

    async def sending() -> None:
        await WebhookClient(timeout_s=timeout_s, private=private, trust=trust).send(attempt(url))

    asyncio.run(sending())


PRIVATE = """
127.0.0.1 127.8.8.8 0.0.0.0 10.0.0.1 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1
224.0.0.1 224.0.1.1 255.255.255.255 192.0.2.1 240.0.0.1 198.18.0.1
::1 :: fe80::1 fe80::1%eth0 fc00::1 fec0::1 ff02::1 ff0e::1 2001:db8::1
::ffff:127.0.0.1 ::ffff:10.0.0.1 64:ff9b::7f00:1 2002:7f00:1:: 2001:0:7f00:1:: ::127.0.0.1
"""


@pytest.mark.parametrize("address", PRIVATE.split())
def test_an_address_that_is_not_public(address: str) -> None:
    """Private, reserved and multicast addresses are not public, also when written as IPv4 within IPv6."""
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.215.14", "2606:4700:4700::1111", "::ffff:1.1.1.1"])
def test_a_public_address(address: str) -> None:
    """Addresses of the internet are public."""
    assert is_public(address)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "0x7f000001", "2130706433"])
def test_nothing_is_sent_to_loopback(receiver: Receiver, host: str) -> None:
    """The address is checked when the name is resolved, at each delivery (SSRF, DNS rebinding)."""
    port = receiver.url.rpartition(":")[2]
    with pytest.raises(Undeliverable, match="not a public address"):
        send(f"http://{host}:{port}/refused", private=False)
    assert receiver.received("/refused") == []


def test_the_signature_is_that_of_the_standard() -> None:
    """The signature equals the test vector of Standard Webhooks."""
    body = b'{"test": 2432232314}'
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105  # the example's
    headers = signed("msg_p5jXN8AQM9LWM0D4loKWxJek", body, secret=secret, at=1614265330)
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert headers["webhook-timestamp"] == "1614265330"


def test_a_redirect_is_not_followed(receiver: Receiver) -> None:
    """A redirect fails the attempt, as it could lead to a private address (SSRF)."""
    with pytest.raises(Undeliverable, match="answered 307"):
        send(f"{receiver.url}/moved", private=True)
    assert receiver.received("/ok") == []


def test_an_attempt_has_a_timeout(receiver: Receiver) -> None:
    """An attempt to a receiver that hangs fails after the timeout."""
    with pytest.raises(Undeliverable, match=r"no answer within 0\.5 s"):
        send(f"{receiver.url}/hangs", private=True, timeout_s=0.5)


def test_a_receiver_that_does_not_exist() -> None:
    """A closed port or an unknown host name fails the attempt."""
    with pytest.raises(Undeliverable):
        send("http://127.0.0.1:1/", private=True)
    with pytest.raises(Undeliverable):
        send("http://unknown.invalid/", private=True)


def test_a_certificate_is_checked_by_name(tmp_path: Path) -> None:
    """The certificate must have the URL's host name, although the request goes to an address, and must be trusted."""
    trust = create_certificate(tmp_path, "localhost")
    with https(tmp_path) as port:
        send(f"https://localhost:{port}/", private=True, trust=trust)
        with pytest.raises(Undeliverable, match="CERTIFICATE_VERIFY_FAILED"):
            send(f"https://127.0.0.1:{port}/", private=True, trust=trust)
        with pytest.raises(Undeliverable, match="CERTIFICATE_VERIFY_FAILED"):
            send(f"https://localhost:{port}/", private=True)


class https:  # noqa: N801  # the name of the protocol
    """A context manager that runs an HTTPS server with the folder's certificate, in a thread; it returns the port."""

    def __init__(self, folder: Path) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["content-length"]))
                self.send_response(204)
                self.end_headers()

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign,assignment]  # the test makes clients refuse the certificate
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)

    def __enter__(self) -> int:
        """Start the server."""
        Thread(target=self._server.serve_forever, daemon=True).start()
        return self._server.server_port

    def __exit__(self, *_: object) -> None:
        """Stop the server."""
        self._server.shutdown()
        self._server.server_close()


def create_certificate(folder: Path, name: str) -> ssl.SSLContext:
    """Write a key and a certificate for a host name; return an SSL context that trusts it."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    building = x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
    building = building.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    building = building.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    certificate = building.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    pem = certificate.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    (folder / "cert.pem").write_bytes(pem)
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "key.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, *plain))
    return ssl.create_default_context(cadata=pem.decode())
