"""The state of the service, and the API key of the client."""

from datetime import datetime

from msgspec import Struct


class Readiness(Struct, frozen=True, kw_only=True):
    """Whether the service can take work, and the state of what it depends on."""

    status: str
    database: str = ""
    storage: str = ""
    trainer: str = ""
    disk: str = ""
    disk_free_bytes: int | None = None

    @property
    def is_ready(self) -> bool:
        """Whether the service can take work; while it is `degraded`, jobs wait for disk space."""
        return self.status in {"ready", "degraded"}


class KeyUsage(Struct, frozen=True, kw_only=True):
    """What an API key has used today, in UTC."""

    jobs: int
    core_minutes: float


class KeyLimits(Struct, frozen=True, kw_only=True):
    """The limits of an API key, or of one address if the service requires no key; None is no limit.

    Attributes:
        requests_per_s: The rate limit.
        streams: The open event streams and long polls.
        queued_jobs: The queued jobs.
        queued_jobs_now: How many are queued at this moment.
        body_bytes: The largest request body.
        upload_bytes: The largest upload of a checkpoint.
    """

    requests_per_s: int | None
    streams: int | None
    queued_jobs: int
    queued_jobs_now: int
    body_bytes: int
    upload_bytes: int


class Key(Struct, frozen=True, kw_only=True):
    """The API key of this client. A service that requires no key allows everything, and *id* is None.

    Attributes:
        scopes: What it allows: ``read``, ``predict``, ``train`` and ``admin``, which includes all others.
        limits: Its limits, and what counts towards them at this moment.
        weight: With weight 2 a key gets twice the share of the queue of another.
        jobs_per_day: Beyond it a new job is refused with `RateLimited`; None for no limit.
        core_minutes_per_day: Likewise, for the running time of its jobs times their threads.
        used_today: What it has used of both since midnight UTC.
        quota_resets_at: When the day ends.
    """

    id: str | None
    name: str
    scopes: tuple[str, ...]
    limits: KeyLimits
    weight: float = 1.0
    jobs_per_day: int | None = None
    core_minutes_per_day: float | None = None
    used_today: KeyUsage | None = None
    quota_resets_at: datetime | None = None
