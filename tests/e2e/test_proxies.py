"""The configurations of docs/how-to/proxy.md: nginx and Caddy in front of the service pass streams and uploads on."""

import os
import re
import shutil
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import numpy as np
import pytest

import naivenet
from tests.pages import ROOT, blocks
from tests.servers import PATIENCE_S, Server, free_port, start_job, until

NAME = "digits.example"
PAGE = {block.kind: block.text for block in blocks(ROOT / "docs" / "how-to" / "proxy.md")}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, tiny: Path) -> Iterator[Server]:
    """A service with the settings of the page, whose jobs stay in the queue."""
    settings = {"trusted_hosts": f"{NAME},127.0.0.1", "trusted_proxies": "127.0.0.1", "auth": "on"}
    server = Server(tmp_path_factory.mktemp("behind"), tiny=tiny, trainer=False, **settings).start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def key(service: Server) -> str:
    """An API key of the service."""
    command = [sys.executable, "-m", "service", "keys", "create", "visitor", "--scope", "admin"]
    created = subprocess.run(command, env=service.environment, capture_output=True, text=True, check=True)
    return created.stdout.strip()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of the name, signed by itself; its key lies beside it."""
    path = tmp_path_factory.mktemp("tls") / "digits.pem"
    names = ["-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}"]
    made = ["-newkey", "rsa:2048", "-nodes", "-keyout", str(path.with_suffix(".key")), "-out", str(path)]
    subprocess.run(["openssl", "req", "-x509", "-days", "2", *made, *names], capture_output=True, check=True)
    return path


def nginx(folder: Path, port: int, service: Server, certificate: Path) -> list[str]:
    """Write the page's configuration for a test, and return the command that starts nginx with it."""
    server = PAGE["nginx"].replace("listen 443 ssl", f"listen 127.0.0.1:{port} ssl")
    server = re.sub(r"/etc/ssl/digits\.example\.(pem|key)", rf"{certificate.with_suffix('')}.\1", server)
    server = server.replace("127.0.0.1:8000", f"127.0.0.1:{service.port}")
    places = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    paths = "".join(f"{place}_temp_path {folder / place};" for place in places)
    head = f"daemon off; pid {folder}/pid; error_log {folder}/errors; events {{}}"
    (folder / "nginx.conf").write_text(f"{head} http {{ access_log off; {paths} {server} }}")
    command = [program("nginx"), "-e", f"{folder}/errors", "-c", f"{folder}/nginx.conf"]
    subprocess.run([*command, "-t"], capture_output=True, check=True)
    return command


def caddy(folder: Path, port: int, service: Server, certificate: Path) -> list[str]:
    """Write the page's configuration for a test, and return the command that starts Caddy with it."""
    own = f"{NAME}:{port} {{\n\ttls {certificate} {certificate.with_suffix('.key')}\n\tbind 127.0.0.1"
    site = PAGE["caddy"].replace(f"{NAME} {{", own).replace("127.0.0.1:8000", f"127.0.0.1:{service.port}")
    path = folder / "Caddyfile"
    path.write_text("{\n\tadmin off\n\tauto_https disable_redirects\n\tgrace_period 1s\n}\n" + site)
    names = ["--config", str(path), "--adapter", "caddyfile"]
    subprocess.run([program("caddy"), "validate", *names], env=at_home(folder), capture_output=True, check=True)
    return [program("caddy"), "run", *names]


def program(name: str) -> str:
    """Return the path of a program, or skip the test."""
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")
    return found or pytest.skip(f"no {name} is installed; `make proxies` installs it")


def at_home(folder: Path) -> dict[str, str]:
    """The environment of a program that keeps its files in *folder*."""
    return os.environ | {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}


@pytest.fixture(params=[nginx, caddy], ids=["nginx", "caddy"])
def visitor(
    request: pytest.FixtureRequest, tmp_path: Path, service: Server, key: str, certificate: Path
) -> Iterator[httpx2.Client]:
    """A client that reaches the service through a proxy, by the name of its certificate."""
    port = free_port()
    configured: Callable[..., list[str]] = request.param
    command = configured(tmp_path, port, service, certificate)
    with (tmp_path / "log").open("w") as log:
        running = subprocess.Popen(command, env=at_home(tmp_path), stdout=log, stderr=log)
    client = httpx2.Client(
        base_url=f"https://127.0.0.1:{port}",
        headers={"Host": NAME, "Authorization": f"Bearer {key}"},
        verify=ssl.create_default_context(cafile=str(certificate)),
        timeout=PATIENCE_S,
    )
    client.event_hooks["request"].append(lambda sent: sent.extensions.update(sni_hostname=NAME))
    try:
        until(lambda: _answers(client), what=f"{command[0]} to answer")
        yield client
    finally:
        client.close()
        running.terminate()
        running.wait(PATIENCE_S)


def _answers(client: httpx2.Client) -> bool:
    try:
        return client.get("/health/ready").status_code == httpx2.codes.OK
    except httpx2.TransportError:
        return False


def test_events_arrive_while_the_stream_is_open(visitor: httpx2.Client) -> None:
    """A proxy passes an event on at once, not when its buffer is full or the stream ends."""
    job_id = start_job(visitor)
    with visitor.stream("GET", f"/v1/jobs/{job_id}/events", headers={"Accept": "text/event-stream"}) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        lines = stream.iter_lines()
        assert next(line for line in lines if line.startswith("event:")) == "event: status"


def test_large_uploads_pass(visitor: httpx2.Client) -> None:
    """A checkpoint of more than a megabyte, nginx's default limit, arrives whole."""
    sizes = {(784, 512): "relu", (512, 10): "softmax"}
    network = naivenet.NaiveSequential(
        [
            naivenet.NaiveDense.from_weights(np.zeros(shape, np.float32), np.zeros(shape[1], np.float32), activation)
            for shape, activation in sizes.items()
        ]
    )
    weights = naivenet.to_safetensors(network)
    assert len(weights) > 1_000_000
    created = visitor.post("/v1/checkpoints", files={"weights": weights})
    assert created.status_code == httpx2.codes.CREATED, created.text
    assert visitor.get(f"/v1/checkpoints/{created.json()['id']}/weights").content
