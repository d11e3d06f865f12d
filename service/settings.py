"""All ``NAIVENET_*`` settings, with their defaults and meanings. docs/reference/settings.md lists them too."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_core import ErrorDetails

from service.errors import Misconfigured
from service.operations.memory import total_bytes
from service.origins import normalized_origin
from service.queue_limits import QueueLimits
from service.setting_files import PREFIX, read_setting_files

#: The default address of the service, and of clients.
DEFAULT_URL = "http://127.0.0.1:8000"
#: The share of the machine's memory for all jobs, and the least memory of a job: TensorFlow alone takes 0.5 GB.
JOBS_SHARE, LEAST_JOB_BYTES = 0.75, 2_000_000_000


class Settings(QueueLimits):
    """The operator's settings: each is an environment variable and a flag of the same name."""

    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="The lowest level that is logged"
    )
    log_format: Literal["auto", "json", "text"] = Field(
        "auto", description="The format of logs; `auto` is text in a terminal and JSON elsewhere"
    )
    access_log: Literal["off", "debug", "info"] = Field(
        "debug", description="The level at which each request is logged"
    )
    trainer: bool = Field(
        default=True,
        description="Whether `serve` starts a trainer; turn it off if a trainer runs elsewhere",
    )
    shipped_network: bool = Field(
        default=True,
        description="Whether the network that ships with the package becomes the first version of the model `digits`, "
        "if it never had one",
    )
    pulse_file: Path | None = Field(
        None,
        description="A file that the trainer touches at each poll of the queue, for a health check (default: none)",
    )
    executor: Literal["local", "ray"] = Field(
        "local", description="Where jobs run: as processes on the trainer's machine, or on the nodes of a Ray cluster"
    )
    ray_address: str = Field(
        "127.0.0.1:6379", description="The address of the head of the Ray cluster; the trainer runs on one of its nodes"
    )
    gpus_per_job: float = Field(
        0.0, ge=0, description="The GPUs that a job gets on a Ray cluster; a share below 1 lets several jobs use one"
    )
    max_attempts: int = Field(
        3,
        ge=1,
        description="The number of workers that a job may lose without progress before it fails; "
        "a further checkpoint resets the count",
    )
    worker_timeout_s: float = Field(
        10.0, gt=0, description="The time without a heartbeat after which a worker counts as lost, in seconds"
    )
    worker_nice: int = Field(
        10, ge=0, le=19, description="The niceness of workers, so that training does not slow down the API"
    )
    shutdown_grace_s: float = Field(
        8.0,
        ge=1,
        le=3600,
        description="The time from SIGTERM to the end of the service, in which workers save their jobs, in seconds",
    )
    sweep_after_s: float = Field(
        600.0,
        gt=0,
        description="The age at which files without a checkpoint are moved into the store's trash, in seconds",
    )
    keep_versions: int | None = Field(
        None,
        ge=1,
        description="The number of newest versions kept of each model, beside those with an alias (default: all)",
    )
    min_free_bytes: int = Field(
        100_000_000,
        ge=0,
        description="The free disk space of the database and the checkpoints below which no job is started, in bytes",
    )
    trash_days: int = Field(
        7, ge=0, le=36_500, description="The days for which the trash keeps a file before it is deleted"
    )
    flush_interval_s: float = Field(
        0.35,
        gt=0,
        le=5,
        description="The time between two records of a worker, which also reads its instructions then, in seconds",
    )
    poll_interval_s: float = Field(
        0.05, gt=0, le=5, description="The time between two polls of the queue by the trainer, in seconds"
    )
    model_refresh_s: float = Field(
        0.5, gt=0, le=60, description="The time between two checks for new model versions by the API, in seconds"
    )
    webhook_private_addresses: bool = Field(
        default=False,
        description="Whether webhooks may be sent to loopback, private and other addresses that are not public",
    )
    webhook_timeout_s: float = Field(
        10.0, gt=0, le=60, description="The longest time for a delivery of a webhook, in seconds"
    )
    webhook_attempts: int = Field(10, ge=1, le=100, description="The number of attempts before a delivery is given up")
    webhook_retry_s: float = Field(
        5.0,
        gt=0,
        le=3600,
        description="The wait before a delivery's second attempt, in seconds; each further wait is four times longer",
    )
    max_webhooks: int = Field(100, ge=0, description="The largest number of webhooks")
    max_epochs: int = Field(1000, ge=1, description="The largest number of epochs of a job")
    max_layers: int = Field(16, ge=1, description="The largest number of layers of a network")
    max_units: int = Field(4096, ge=1, description="The largest number of units of a layer")
    max_body_bytes: int = Field(16_000_000, ge=1024, description="The largest request body, in bytes")
    max_upload_bytes: int = Field(256_000_000, ge=1024, description="The largest upload of a checkpoint, in bytes")
    max_large_bodies: int = Field(
        4,
        ge=1,
        description="The largest number of uploads, and of other request bodies over 1 MB, that are read at the same "
        "time; a further one waits for 5 s, and gets a 503",
    )
    max_pixels: int = Field(16_000_000, ge=784, description="The largest number of pixels of an image")
    max_instances: int = Field(1024, ge=1, description="The largest number of images in one request")

    auth: Literal["auto", "on", "off"] = Field(
        "auto",
        description="Whether API keys are required; `auto`: as soon as a key exists, or if other machines can connect",
    )
    key_refresh_s: float = Field(
        1.0, gt=0, le=60, description="The time until a revoked API key is refused, in seconds"
    )
    max_requests_per_s: int | None = Field(
        None,
        ge=0,
        description="The rate limit: requests per second of one API key, or of one address if no key is "
        "required; 0 for no limit (default: 1000, and no limit if only this machine can connect)",
    )
    request_timeout_s: float = Field(
        120.0, gt=0, description="The longest time from the start of a request to the start of its response, in seconds"
    )
    head_timeout_s: float = Field(
        10.0, gt=0, description="The longest time in which a connection must send the head of its request, in seconds"
    )
    keep_alive_s: int = Field(
        75,
        ge=1,
        le=3600,
        description="The time for which an idle connection stays open for the client's next request, in seconds",
    )
    write_timeout_s: float = Field(
        60.0,
        gt=0,
        description="The longest time in which a client must read some of its response, before its connection is "
        "closed, in seconds",
    )
    max_connections_per_address: int | None = Field(
        None,
        ge=0,
        description="The largest number of connections of one address; 0 for no limit (default: 1000, and no limit if "
        "only this machine or a trusted proxy can connect)",
    )
    max_streams_per_key: int | None = Field(
        None,
        ge=0,
        description="The largest number of open streams and long polls of one API key, or of one address if no "
        "key is required; 0 for no limit (default: 200, and no limit if only this machine can connect)",
    )
    max_job_s: float = Field(86_400.0, gt=0, description="The longest training time of a job, in seconds")
    max_job_bytes: int | None = Field(
        None,
        ge=1,
        description="The memory limit of a job, in bytes (default: an equal share of three quarters of the "
        "machine's memory, at least 2 GB)",
    )
    cors_origins: str | None = Field(
        None, description="The origins whose pages may use the API from a browser (CORS), separated by commas"
    )
    trusted_hosts: str | None = Field(
        None,
        description="The host names that are accepted in `Host`, separated by commas, such as `*.example.org` "
        "(default: any, or only this machine's own if no other machine can connect)",
    )
    trusted_proxies: str | None = Field(
        None,
        description="The addresses of proxies whose `X-Forwarded-For`, `X-Forwarded-Proto` and `X-Forwarded-Prefix` "
        "are trusted, separated by commas",
    )
    root_path: str | None = Field(
        None,
        pattern=r"^(/[A-Za-z0-9._~%@:+-]+)*/?$",
        description="The path prefix under which a proxy offers the service, such as `/digits` (default: none)",
    )

    @property
    def resolved_max_requests_per_s(self) -> int:
        """The rate limit in requests per second; 0 for no limit."""
        if self.max_requests_per_s is not None:
            return self.max_requests_per_s
        return 0 if self.is_local else 1000

    @property
    def resolved_max_connections_per_address(self) -> int:
        """The largest number of connections of one address; 0 for no limit: a proxy's connections have its address."""
        if self.max_connections_per_address is not None:
            return self.max_connections_per_address
        return 0 if self.is_local or self.trusted_proxies else 1000

    @property
    def resolved_max_streams_per_key(self) -> int:
        """The largest number of streams of one client; 0 for no limit."""
        if self.max_streams_per_key is not None:
            return self.max_streams_per_key
        return 0 if self.is_local else 200

    @property
    def resolved_max_job_bytes(self) -> int:
        """The memory limit of a job, in bytes."""
        return self.max_job_bytes or max(LEAST_JOB_BYTES, int(JOBS_SHARE * total_bytes()) // self.max_running_jobs)

    @field_validator("cors_origins")
    @classmethod
    def _with_normal_origins(cls, origins: str | None) -> str | None:
        return origins and ",".join(map(normalized_origin, split_commas(origins)))

    @property
    def resolved_cors_origins(self) -> list[str]:
        """The origins whose pages may use the API, as browsers write them."""
        return split_commas(self.cors_origins)

    @property
    def resolved_trusted_hosts(self) -> list[str]:
        """The accepted host names; empty to accept any."""
        own = ["localhost", "127.0.0.1", "[::1]", self.host] if self.is_local else []
        return split_commas(self.trusted_hosts) or own

    def environment(self) -> dict[str, str]:
        """Return the settings as environment variables, for another process."""
        values = self.model_dump(mode="json", exclude_none=True) | self._secrets()
        return {f"{PREFIX}{name.upper()}": str(value) for name, value in values.items()}

    def _secrets(self) -> dict[str, str]:
        """Return the secret settings in clear text."""
        return {name: value.get_secret_value() for name, value in self if isinstance(value, SecretStr)}


def split_commas(text: str | None) -> list[str]:
    """Return the non-empty parts of *text* between commas."""
    return [word for each in (text or "").split(",") if (word := each.strip())]


def load_settings(**flags: object) -> Settings:
    """Load the settings from the environment; *flags* that are not None override it.

    Raises:
        Misconfigured: A value is wrong; the message names the variable and what would be right.
    """
    given = {name: value for name, value in flags.items() if value is not None}
    try:
        return Settings(**(read_setting_files(Settings.model_fields) | given))  # type: ignore[arg-type]  # checked by pydantic
    except ValidationError as error:
        lines = (
            f"{PREFIX}{'_'.join(map(str, e['loc'])).upper()}: {_message(e)} (it is {e['input']!r})"
            for e in error.errors()
        )
        raise Misconfigured("; ".join(lines)) from error


def _message(error: ErrorDetails) -> str:
    return error["msg"].removeprefix("Value error, ")
