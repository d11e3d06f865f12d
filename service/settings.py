"""Every ``NAIVENET_*`` setting, once: its name, its default, its meaning. The README's table is held against this."""

import ipaddress
import os
from pathlib import Path
from typing import Literal

import platformdirs
from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from service.errors import Misconfigured
from service.memory import total_bytes

#: Where a client looks for the service, and where the service is by default.
DEFAULT_URL = "http://127.0.0.1:8000"


#: What jobs may take of the machine's memory, and what each gets at least: TensorFlow alone is half a gigabyte.
JOBS_SHARE, LEAST_JOB_BYTES = 0.75, 2_000_000_000


def _default_jobs() -> int:
    return os.cpu_count() or 1


class Settings(BaseSettings):
    """What an operator can set, by environment variable or by the flag of the same name."""

    model_config = SettingsConfigDict(env_prefix="NAIVENET_", frozen=True, extra="ignore", validate_default=True)

    host: str = Field("127.0.0.1", description="Address to listen on")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on; 0 takes a free one")
    data_dir: Path = Field(
        default_factory=lambda: platformdirs.user_data_path("naivenet"),
        description="Folder of the database, checkpoints and datasets (default: the platform's user data folder)",
    )
    database_url: str | None = Field(None, description="SQLAlchemy URL (default: SQLite in the data folder)")
    storage_url: str | None = Field(None, description="fsspec URL of the checkpoint store (default: the data folder)")
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
    flush_interval_s: float = Field(0.25, gt=0, le=5, description="How often a worker records and looks for orders")
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
    def resolved_max_job_bytes(self) -> int:
        """The memory of a job in force, in bytes."""
        return self.max_job_bytes or max(LEAST_JOB_BYTES, int(JOBS_SHARE * total_bytes()) // self.max_running_jobs)

    @property
    def resolved_trusted_hosts(self) -> list[str]:
        """The names in force; none for any."""
        return words(self.trusted_hosts) or (["localhost", "127.0.0.1", "[::1]", self.host] if self.is_local else [])

    @property
    def resolved_database_url(self) -> str:
        """The SQLAlchemy URL in force."""
        from sqlalchemy import URL  # noqa: PLC0415  # commands that only speak to a running service need none

        in_data_dir = URL.create("sqlite", database=str(self.data_dir / "naivenet.db"))
        return self.database_url or in_data_dir.render_as_string(hide_password=False)

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
        values = self.model_dump(mode="json", exclude_none=True)
        return {f"NAIVENET_{name.upper()}": str(value) for name, value in values.items()}


def words(text: str | None) -> list[str]:
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
    try:
        return Settings(**{name: value for name, value in flags.items() if value is not None})  # type: ignore[arg-type]  # checked by pydantic
    except ValidationError as error:
        lines = [
            f"NAIVENET_{'_'.join(map(str, e['loc'])).upper()}: {e['msg']} (it is {e['input']!r})"
            for e in error.errors()
        ]
        raise Misconfigured("; ".join(lines)) from error
