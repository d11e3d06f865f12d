"""Every ``NAIVENET_*`` setting, once: its name, its default, its meaning. docs/settings.md is held against this."""

import ipaddress
import json
import os
from pathlib import Path
from typing import Any, Literal

import platformdirs
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from service.errors import Misconfigured
from service.operations.memory import total_bytes

#: How the variable of a setting begins, and how one ends that names a file with the value.
PREFIX, IN_FILE = "NAIVENET_", "_FILE"

#: Where a client looks for the service, and where the service is by default.
DEFAULT_URL = "http://127.0.0.1:8000"


#: What jobs may take of the machine's memory, and what each gets at least: TensorFlow alone is half a gigabyte.
JOBS_SHARE, LEAST_JOB_BYTES = 0.75, 2_000_000_000


def _default_jobs() -> int:
    return os.cpu_count() or 1


class Settings(BaseSettings):
    """What an operator can set, by environment variable or by the flag of the same name."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="ignore", validate_default=True
    )

    host: str = Field("127.0.0.1", description="Address to listen on")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on; 0 takes a free one")
    data_dir: Path = Field(
        default_factory=lambda: platformdirs.user_data_path("naivenet"),
        description="Folder of the database, checkpoints and datasets (default: the platform's user data folder)",
    )
    database_url: str | None = Field(None, description="SQLAlchemy URL (default: SQLite in the data folder)")
    database_password: SecretStr | None = Field(None, description="Password of the database, where its URL has none")
    storage_url: str | None = Field(None, description="fsspec URL of the checkpoint store (default: the data folder)")
    storage_options: SecretStr | None = Field(
        None, description="What fsspec is told of the checkpoint store beside its URL, as JSON"
    )
    datasets_dir: Path | None = Field(
        None,
        description="Folder whose `NAME.npz` files are datasets by that name (default: `datasets` in the data folder)",
    )
    cache_dir: Path | None = Field(
        None, description="Folder where MNIST is unpacked once for all processes (default: the platform's cache folder)"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="How much is logged")
    log_format: Literal["auto", "json", "text"] = Field(
        "auto", description="How it is logged; `auto` is readable in a terminal, and JSON elsewhere"
    )
    access_log: Literal["off", "debug", "info"] = Field(
        "debug", description="At which level each request is a line of the log"
    )
    trainer: bool = Field(
        default=True,
        description="Whether `serve` starts a trainer beside the API; off when one runs elsewhere",
    )
    pulse_file: Path | None = Field(
        None, description="File that the trainer touches at each look at the queue, for a health check (default: none)"
    )
    max_running_jobs: int = Field(
        default_factory=_default_jobs,
        ge=1,
        le=1024,
        description="Jobs that train at once (default: one per core)",
    )
    threads_per_job: int | None = Field(
        None, ge=1, le=1024, description="Threads of a job (default: a lone job has all cores, several share them)"
    )
    max_queued_jobs: int = Field(100, ge=1, description="Jobs that may wait; a further one is answered 429")
    max_attempts: int = Field(3, ge=1, description="How many workers a job may lose before it has failed")
    worker_timeout_s: float = Field(10.0, gt=0, description="Silence after which a worker counts as lost, in seconds")
    worker_nice: int = Field(10, ge=0, le=19, description="How far training yields to serving")
    shutdown_grace_s: float = Field(
        10.0,
        ge=1,
        le=3600,
        description="Time in which the service has ended after SIGTERM, its workers saved, in seconds",
    )
    sweep_after_s: float = Field(
        600.0, gt=0, description="Age at which files that no checkpoint speaks of are removed, in seconds"
    )
    flush_interval_s: float = Field(0.35, gt=0, le=5, description="How often a worker records and looks for orders")
    poll_interval_s: float = Field(0.05, gt=0, le=5, description="How often the trainer looks for queued jobs")
    model_refresh_s: float = Field(0.5, gt=0, le=60, description="How often the API looks for new model versions")
    webhook_private_addresses: bool = Field(
        default=False,
        description="Whether webhooks may lead to loopback, private and other addresses that are not public",
    )
    webhook_timeout_s: float = Field(10.0, gt=0, le=60, description="How long a webhook may take to answer, in seconds")
    webhook_attempts: int = Field(10, ge=1, le=100, description="How often a webhook is tried before it is given up")
    webhook_retry_s: float = Field(
        5.0,
        gt=0,
        le=3600,
        description="Wait before a webhook's second attempt, in seconds; each is four times the last",
    )
    max_webhooks: int = Field(100, ge=0, description="Most webhooks at a time")
    max_epochs: int = Field(1000, ge=1, description="Most epochs of a job")
    max_layers: int = Field(16, ge=1, description="Most layers of a network")
    max_units: int = Field(4096, ge=1, description="Most units of a layer")
    max_body_bytes: int = Field(16_000_000, ge=1024, description="Largest request body, in bytes")
    max_upload_bytes: int = Field(256_000_000, ge=1024, description="Largest checkpoint upload, in bytes")
    max_pixels: int = Field(16_000_000, ge=784, description="Most pixels of a posted picture")
    max_instances: int = Field(1024, ge=1, description="Most pictures of one request")

    auth: Literal["auto", "on", "off"] = Field(
        "auto",
        description="Whether keys are asked for; `auto`: once there was one, or where other machines can connect",
    )
    key_refresh_s: float = Field(1.0, gt=0, le=60, description="How soon a revoked key is refused, in seconds")
    max_requests_per_s: int | None = Field(
        None,
        ge=0,
        description="Requests per second of one key, or of one address where none is asked for; 0 for no limit "
        "(default: 1000, and no limit where only this machine can connect)",
    )
    max_queued_jobs_per_key: int = Field(20, ge=1, description="Jobs of one key that may wait")
    request_timeout_s: float = Field(
        120.0, gt=0, description="Time within which a request is read and its answer begins, in seconds"
    )
    head_timeout_s: float = Field(
        10.0, gt=0, description="Time within which a connection has sent the head of its request, in seconds"
    )
    max_streams_per_key: int | None = Field(
        None,
        ge=0,
        description="Streams and long polls that one key, or one address where none is asked for, may have open; "
        "0 for no limit (default: 200, and no limit where only this machine can connect)",
    )
    max_job_s: float = Field(86_400.0, gt=0, description="Time that a job may train, in seconds")
    max_job_bytes: int | None = Field(
        None,
        ge=1,
        description="Memory that a job may take, in bytes "
        "(default: an equal share of three quarters of the machine's, and no less than 2 GB)",
    )
    cors_origins: str | None = Field(None, description="Origins whose pages may use the API from a browser, by commas")
    trusted_hosts: str | None = Field(
        None,
        description="Names in `Host` that are answered, by commas, such as `*.example.org` "
        "(default: any, and this machine's own where no others can connect)",
    )
    trusted_proxies: str | None = Field(
        None, description="Addresses of proxies whose `X-Forwarded-For` and `-Proto` are believed, by commas"
    )

    @property
    def is_local(self) -> bool:
        """Whether nobody beyond this machine can connect."""
        return self.host == "localhost" or _is_loopback(self.host)

    @property
    def resolved_max_requests_per_s(self) -> int:
        """The requests per second in force; 0 for no limit."""
        if self.max_requests_per_s is not None:
            return self.max_requests_per_s
        return 0 if self.is_local else 1000

    @property
    def resolved_max_streams_per_key(self) -> int:
        """The streams of one caller in force; 0 for no limit."""
        if self.max_streams_per_key is not None:
            return self.max_streams_per_key
        return 0 if self.is_local else 200

    @property
    def resolved_max_job_bytes(self) -> int:
        """The memory of a job in force, in bytes."""
        return self.max_job_bytes or max(LEAST_JOB_BYTES, int(JOBS_SHARE * total_bytes()) // self.max_running_jobs)

    @property
    def resolved_trusted_hosts(self) -> list[str]:
        """The names in force; none for any."""
        return split_commas(self.trusted_hosts) or (
            ["localhost", "127.0.0.1", "[::1]", self.host] if self.is_local else []
        )

    @property
    def resolved_database_url(self) -> str:
        """The SQLAlchemy URL in force, with the password.

        Raises:
            Misconfigured: It is none that SQLAlchemy reads.
        """
        from sqlalchemy import URL, make_url  # noqa: PLC0415  # commands that only speak to a running service need none
        from sqlalchemy.exc import ArgumentError  # noqa: PLC0415  # likewise

        in_data_dir = URL.create("sqlite", database=str(self.data_dir / "naivenet.db"))
        try:
            url = make_url(self.database_url) if self.database_url else in_data_dir
        except ArgumentError as error:
            raise Misconfigured(f"NAIVENET_DATABASE_URL: {self.database_url!r} is no SQLAlchemy URL.") from error
        if self.database_password and not url.password:
            url = url.set(password=self.database_password.get_secret_value())
        return url.render_as_string(hide_password=False)

    @property
    def resolved_storage_options(self) -> dict[str, Any]:
        """What fsspec is told beside the URL.

        Raises:
            Misconfigured: It is no JSON object.
        """
        try:
            options = json.loads(self.storage_options.get_secret_value()) if self.storage_options else {}
        except ValueError as error:
            raise Misconfigured(f"NAIVENET_STORAGE_OPTIONS: it is no JSON: {error}.") from error
        if not isinstance(options, dict):
            raise Misconfigured("NAIVENET_STORAGE_OPTIONS: it must be a JSON object.")
        return options

    @property
    def resolved_storage_url(self) -> str:
        """The fsspec URL in force."""
        return self.storage_url or str(self.data_dir / "checkpoints")

    @property
    def resolved_datasets_dir(self) -> Path:
        """The datasets folder in force."""
        return self.datasets_dir or self.data_dir / "datasets"

    def environment(self) -> dict[str, str]:
        """The settings as variables, for a process that is started with these."""
        values = self.model_dump(mode="json", exclude_none=True) | self._secrets()
        return {f"{PREFIX}{name.upper()}": str(value) for name, value in values.items()}

    def _secrets(self) -> dict[str, str]:
        """What is shown as asterisks elsewhere, as it is."""
        return {name: value.get_secret_value() for name, value in self if isinstance(value, SecretStr)}


def split_commas(text: str | None) -> list[str]:
    """What stands between commas."""
    return [word for each in (text or "").split(",") if (word := each.strip())]


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def load_settings(**flags: object) -> Settings:
    """The settings from the environment, with the *flags* that are not None laid over them.

    Raises:
        Misconfigured: A value is wrong; the text names the variable and what would be right.
    """
    given = {name: value for name, value in flags.items() if value is not None}
    try:
        return Settings(**(_from_files() | given))  # type: ignore[arg-type]  # checked by pydantic
    except ValidationError as error:
        lines = [
            f"{PREFIX}{'_'.join(map(str, e['loc'])).upper()}: {e['msg']} (it is {e['input']!r})" for e in error.errors()
        ]
        raise Misconfigured("; ".join(lines)) from error


def _from_files() -> dict[str, str]:
    """What variables name files of: ``NAIVENET_DATABASE_PASSWORD_FILE`` is where that setting's value lies.

    A variable of the setting itself holds where both are there.
    """
    variables = {name: f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    named = {name: os.environ.get(f"{variable}{IN_FILE}") for name, variable in variables.items()}
    return {
        name: _read(variables[name], path) for name, path in named.items() if path and variables[name] not in os.environ
    }


def _read(variable: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{variable}{IN_FILE}: {path} cannot be read: {error}.") from error
