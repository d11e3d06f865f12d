"""docker-compose.yml brought up under a name and on ports of its own, from an empty volume, and taken down again."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.containers.engines import ROOT, Engine
from tests.servers import free_port, until

#: The image of a container is loaded from a disk that others use too.
START_S = 180.0


class Stack:
    """The services of one profile.

    Args:
        engine: What runs them.
        profile: Of docker-compose.yml.
        secrets: The folder that the file with PostgreSQL's password is made in.
    """

    def __init__(self, engine: Engine, profile: str, secrets: Path) -> None:
        self.ports = [free_port(), free_port()] if profile == "postgres" else [free_port()]
        self.apis = ["api-1", "api-2"] if profile == "postgres" else ["api"]
        self.trainer = "trainer-1" if profile == "postgres" else "trainer"
        self.all = [*self.apis, self.trainer, *(["postgres"] if profile == "postgres" else [])]
        password = secrets / "postgres_password"
        password.write_text("of the tests")
        password.chmod(0o644)
        files = [part for path in (ROOT / "docker-compose.yml", *engine.overrides) for part in ("--file", str(path))]
        name = ["--project-name", f"naivenet-test-{os.getpid()}-{profile}", "--project-directory", str(ROOT)]
        self._command = [*engine.compose, *files, *name, "--profile", profile]
        named = {"NAIVENET_PORT": self.ports[0], "NAIVENET_PORT_2": self.ports[-1]}
        self._environment = engine.environment | {key: str(value) for key, value in named.items()}
        self._environment |= {"POSTGRES_PASSWORD_FILE": str(password), "POSTGRES_PASSWORD": password.read_text()}

    @property
    def urls(self) -> list[str]:
        """Where its APIs answer."""
        return [f"http://127.0.0.1:{port}" for port in self.ports]

    def client(self, number: int = 0) -> httpx.Client:
        """Speaks to one of its APIs, and does not mind that it may be away for a moment."""
        return httpx.Client(base_url=self.urls[number], timeout=30, transport=httpx.HTTPTransport(retries=5))

    def up(self) -> None:
        """Start what does not run, and wait until the APIs take work."""
        self.run("up", "--detach")
        for url in self.urls:
            until(lambda url=url: _ready(url), what=f"{url} to be ready\n{self.logs()}", patience_s=START_S)

    def kill(self, *services: str) -> None:
        """End containers as ``kill -9`` does."""
        self.run("kill", "-s", "SIGKILL", *services)  # the long form is not what Compose's first version calls it

    def inside(self, service: str, *command: str) -> str:
        """What a command in a service's container prints."""
        return self.run("exec", "-T", service, *command)

    def logs(self) -> str:
        """The last that its containers wrote."""
        return self.run("logs", "--tail", "50")

    def run(self, *arguments: str) -> str:
        """A compose command's output; both streams stand in the error where it fails."""
        ran = subprocess.run(
            [*self._command, *arguments], env=self._environment, capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, f"{arguments}: {ran.stdout[-3000:]}{ran.stderr[-3000:]}"
        return ran.stdout


@contextmanager
def stack(engine: Engine, profile: str, secrets: Path) -> Iterator[Stack]:
    """A profile's services, up; gone afterwards, with their volumes."""
    running = Stack(engine, profile, secrets)
    try:
        running.up()
        yield running
    finally:
        running.run("down", "--volumes", "--timeout", "20")


def _ready(url: str) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return httpx.get(f"{url}/health/ready", timeout=5).status_code == httpx.codes.OK
    return False
