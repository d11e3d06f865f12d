"""The caller's own API key in responses."""

from datetime import datetime

from pydantic import Field

from service.api.schemas.common import Wire
from service.domain.key import Scope


class UsageOut(Wire):
    """What an API key has used today, in UTC."""

    jobs: int = Field(description="The jobs that it has created.", examples=[3])
    core_minutes: float = Field(
        description="The running time of its jobs' attempts times their threads.", examples=[12.5]
    )


class LimitsOut(Wire):
    """The limits of one API key, or of one address if the service requires no key. Null is no limit."""

    requests_per_s: int | None = Field(description="Beyond it a request gets a 429 with `RateLimit`.", examples=[1000])
    streams: int | None = Field(description="The open event streams and long polls.", examples=[200])
    queued_jobs: int = Field(description="Beyond it a new job gets a 429.", examples=[20])
    queued_jobs_now: int = Field(description="The jobs that are queued at this moment.", examples=[2])
    body_bytes: int = Field(description="The largest request body.", examples=[16_000_000])
    upload_bytes: int = Field(description="The largest upload of a checkpoint.", examples=[256_000_000])


class OwnKeyOut(Wire):
    """The API key that sent the request, without its text."""

    id: str | None = Field(
        description="Null if the service requires no key.", examples=["key_01m84c1jy4e3jte4zp05k8r2cd"]
    )
    name: str = Field(examples=["ada"])
    scopes: list[Scope] = Field(description="What the key allows; `admin` includes all others.")
    limits: LimitsOut
    weight: float = Field(1.0, description="With weight 2 a key gets twice the share of the queue of another.")
    jobs_per_day: int | None = Field(None, description="Beyond it a new job gets a 429. Null for no limit.")
    core_minutes_per_day: float | None = Field(None, description="Likewise, for the time of its jobs.")
    used_today: UsageOut | None = Field(None, description="Null if the service requires no key.")
    quota_resets_at: datetime | None = Field(None, description="When the day ends, in UTC. Null without a key.")
