"""Starts docker-compose.yml under its own project name, on free ports and with empty volumes, and removes it."""

import contextlib
import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

from tests.containers.engines import ROOT, Engine
from tests.servers import free_port, until

#: How long containers may take to start, in seconds: their images may come from a slow disk.
START_S = 180.0


@dataclass(frozen=True, kw_only=True)
class Profile:
    """The services of a profile that tests name.

    Attributes:
        apis: The services with an API, each on a port of its own.
        options: What `up` needs beside.
    """

    apis: Sequence[str]
    trainer: str
    options: Sequence[str] = ()


PROFILES = {
    "sqlite": Profile(apis=["api"], trainer="trainer"),
    "postgres": Profile(apis=["api-1", "api-2"], trainer="trainer-1"),
    "ray": Profile(apis=["ray-api"], trainer="ray-trainer", options=["--scale", "ray-worker=2"]),
}

#: The files of secrets in docker-compose.yml: the variable that names each, and what it contains.
SECRETS = {
    "POSTGRES_PASSWORD_FILE": "of the tests",
    "S3_CREDENTIALS_FILE": "[default]\naws_access_key_id=naivenet\naws_secret_access_key=of-the-tests\n",
    "RAY_TOKEN_FILE": "token-of-the-tests",
}


class Stack:
    """The services of one profile.

    Args:
        engine: The engine that runs them.
        profile: The profile in docker-compose.yml.
        secrets: The folder for the files with secrets.
    """

    def __init__(self, engine: Engine, profile: str, secrets: Path) -> None:
        self._engine = engine
        self._profile = PROFILES[profile]
        self.apis, self.trainer = self._profile.apis, self._profile.trainer
        self.ports = [free_port() for _ in self.apis]
        files = [part for path in (ROOT / "docker-compose.yml", *engine.overrides) for part in ("--file", str(path))]
        name = ["--project-name", f"naivenet-test-{os.getpid()}-{profile}", "--project-directory", str(ROOT)]
        self._command = [*engine.compose, *files, *name, "--profile", profile]
        named = {"NAIVENET_PORT": self.ports[0], "NAIVENET_PORT_2": self.ports[-1], "RAY_WORKER_CPUS": 1}
        self._environment = engine.environment | {key: str(value) for key, value in named.items()}
        self._environment |= {"POSTGRES_PASSWORD": SECRETS["POSTGRES_PASSWORD_FILE"]}
        for variable, content in SECRETS.items():
            file = secrets / variable.lower()
            file.write_text(content)
            file.chmod(0o644)
            self._environment[variable] = str(file)

    @property
    def urls(self) -> list[str]:
        """The base URLs of its APIs."""
        return [f"http://127.0.0.1:{port}" for port in self.ports]

    def client(self, number: int = 0) -> httpx2.Client:
        """Return a client of one of its APIs that retries connections."""
        return httpx2.Client(base_url=self.urls[number], timeout=30, transport=httpx2.HTTPTransport(retries=5))

    def up(self) -> None:
        """Start the services that do not run, and wait until the APIs are ready."""
        self.run("up", "--detach", *self._profile.options)
        for url in self.urls:
            until(lambda url=url: _ready(url), what=f"{url} to be ready\n{self.logs()}", patience_s=START_S)

    def kill(self, *services: str) -> None:
        """Kill containers, as ``kill -9`` does."""
        self.run("kill", "-s", "SIGKILL", *services)  # Compose's first version has no long form of -s

    def kill_one(self, service: str) -> None:
        """Kill one of a service's containers, as ``kill -9`` does; an engine does not start it again by itself."""
        container = self.run("ps", "--quiet", service).split()[0]
        subprocess.run(
            [self._engine.program, "kill", container], env=self._environment, check=True, capture_output=True
        )

    def inside(self, service: str, *command: str) -> str:
        """Run a command in a service's container, and return what it prints."""
        return self.run("exec", "-T", service, *command)

    def logs(self) -> str:
        """Return the last log lines of its containers."""
        return self.run("logs", "--tail", "50")

    def run(self, *arguments: str) -> str:
        """Run a Compose command and return its output; if it fails, the error has both streams."""
        ran = subprocess.run(
            [*self._command, *arguments], env=self._environment, capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, f"{arguments}: {ran.stdout[-3000:]}{ran.stderr[-3000:]}"
        return ran.stdout


@contextmanager
def stack(engine: Engine, profile: str, secrets: Path) -> Iterator[Stack]:
    """Start a profile's services, and remove them and their volumes afterwards."""
    running = Stack(engine, profile, secrets)
    try:
        running.up()
        yield running
    finally:
        running.run("down", "--volumes", "--timeout", "20")


def _ready(url: str) -> bool:
    with contextlib.suppress(httpx2.TransportError):
        return httpx2.get(f"{url}/health/ready", timeout=5).status_code == httpx2.codes.OK
    return False
