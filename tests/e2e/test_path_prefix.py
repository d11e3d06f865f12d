"""Behind a path prefix, as nginx, Caddy and JupyterHub's proxy give it, every address leads through the proxy."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urljoin

import httpx2
import pytest

from tests.e2e.test_proxies import at_home, program
from tests.servers import PATIENCE_S, Server, free_port, start_job, until

PREFIX = "/user/ada/digits"


@pytest.fixture(scope="module")
def trusting(tmp_path_factory: pytest.TempPathFactory, tiny: Path) -> Iterator[Server]:
    """A service that trusts its proxy's headers."""
    server = Server(tmp_path_factory.mktemp("trusting"), tiny=tiny, trainer=False, trusted_proxies="127.0.0.1").start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def rooted(tmp_path_factory: pytest.TempPathFactory, tiny: Path) -> Iterator[Server]:
    """A service that knows its prefix by a setting."""
    server = Server(tmp_path_factory.mktemp("rooted"), tiny=tiny, trainer=False, root_path=f"{PREFIX}/").start()
    yield server
    server.stop()


def nginx(folder: Path, port: int, service: Server) -> list[str]:
    """nginx, which removes the prefix and names it in a header."""
    places = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    paths = "".join(f"{place}_temp_path {folder / place};" for place in places)
    location = f"location {PREFIX}/ {{ proxy_pass http://127.0.0.1:{service.port}/; proxy_set_header Host localhost;"
    header = f"proxy_set_header X-Forwarded-Prefix {PREFIX}; proxy_http_version 1.1; }}"
    server = f"server {{ listen 127.0.0.1:{port}; {location} {header} }}"
    head = f"daemon off; pid {folder}/pid; error_log {folder}/errors; events {{}}"
    (folder / "nginx.conf").write_text(f"{head} http {{ access_log off; {paths} {server} }}")
    return [program("nginx"), "-e", f"{folder}/errors", "-c", f"{folder}/nginx.conf"]


def caddy(folder: Path, port: int, service: Server) -> list[str]:
    """Caddy, likewise."""
    proxy = f"reverse_proxy 127.0.0.1:{service.port} {{\n\t\theader_up X-Forwarded-Prefix {PREFIX}\n\t}}"
    site = f"http://127.0.0.1:{port} {{\n\thandle_path {PREFIX}/* {{\n\t{proxy}\n\t}}\n}}\n"
    (folder / "Caddyfile").write_text("{\n\tadmin off\n\tgrace_period 1s\n}\n" + site)
    return [program("caddy"), "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]


@pytest.fixture(params=[nginx, caddy], ids=["nginx", "caddy"])
def proxied(request: pytest.FixtureRequest, tmp_path: Path, trusting: Server) -> Iterator[httpx2.Client]:
    """A client of the service, through a proxy."""
    port = free_port()
    configured: Callable[..., list[str]] = request.param
    with (tmp_path / "log").open("w") as log:
        command = configured(tmp_path, port, trusting)
        running = subprocess.Popen(command, env=at_home(tmp_path), stdout=log, stderr=log)
    with httpx2.Client(base_url=f"http://127.0.0.1:{port}{PREFIX}/", timeout=PATIENCE_S) as client:
        try:
            until(lambda: _answers(client), what="the proxy to answer")
            yield client
        finally:
            running.terminate()
            running.wait(PATIENCE_S)


def _answers(client: httpx2.Client) -> bool:
    try:
        return client.get("health/ready").is_success
    except httpx2.TransportError:
        return False


def check_addresses(client: httpx2.Client, *, root: str) -> None:
    """Check that `Location`, links, a redirect, the page and the OpenAPI document lead back below *root*."""
    created = client.post("v1/jobs", json={"dataset": "tiny", "epochs": 1})
    job = created.json()
    location = urljoin(root, created.headers["location"])
    assert location == f"{root}{PREFIX}/v1/jobs/{job['id']}"
    assert urljoin(root, job["links"]["self"]) == location
    redirect = client.get("v1/jobs/?limit=1", follow_redirects=False)
    assert redirect.headers["location"] == "../jobs?limit=1"  # JupyterHub's proxy would prefix "/…" once more
    assert urljoin(str(redirect.url), "../jobs?limit=1") == str(client.base_url.join("v1/jobs?limit=1"))
    assert client.get("openapi.json").json()["servers"] == [{"url": PREFIX}]
    for page in ("", "docs"):
        assert '="/' not in client.get(page).text, "an address of the page leaves the prefix"


def test_addresses_behind_a_proxy(proxied: httpx2.Client) -> None:
    """The proxy removes the prefix, and names it in `X-Forwarded-Prefix`."""
    check_addresses(proxied, root=str(proxied.base_url).removesuffix(f"{PREFIX}/"))


@pytest.mark.parametrize("sent", ["", PREFIX])
def test_addresses_with_the_setting(rooted: Server, sent: str) -> None:
    """A proxy may remove the prefix or pass it on."""
    with httpx2.Client(base_url=f"{rooted.base_url}{sent}/", timeout=PATIENCE_S) as client:
        check_addresses(client, root=rooted.base_url)


@pytest.mark.parametrize("prefix", ["//evil.example.org", "https://evil.example.org", "/a b", "/a\\b", "digits"])
def test_a_prefix_that_is_no_path_is_ignored(trusting: Server, prefix: str) -> None:
    """It could lead to another host."""
    with trusting.client() as client:
        headers = {"X-Forwarded-Prefix": prefix}
        answer = client.get("/v1/jobs/", headers=headers, follow_redirects=False)
        created = client.post("/v1/jobs", json={"dataset": "tiny", "epochs": 1}, headers=headers)
    assert answer.headers["location"] == "../jobs"
    assert created.headers["location"] == f"/v1/jobs/{created.json()['id']}"


def test_a_client_cannot_choose_the_prefix(session_server: Server, client: httpx2.Client) -> None:
    """Without trusted proxies the header is ignored; a trailing slash never leads to another scheme or host."""
    headers = {"X-Forwarded-Prefix": "/evil", "X-Forwarded-Proto": "https"}
    assert client.get("/v1/jobs/", headers=headers, follow_redirects=False).headers["location"] == "../jobs"
    job_id = start_job(client)
    assert client.get(f"/v1/jobs/{job_id}", headers=headers).json()["links"]["self"] == f"/v1/jobs/{job_id}"
