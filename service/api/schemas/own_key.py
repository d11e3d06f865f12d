"""The caller's own API key in responses."""

from pydantic import Field

from service.api.schemas.common import Wire
from service.domain.key import Scope


class OwnKeyOut(Wire):
    """The API key that sent the request, without its text."""

    id: str | None = Field(
        description="Null if the service requires no key.", examples=["key_01m84c1jy4e3jte4zp05k8r2cd"]
    )
    name: str = Field(examples=["ada"])
    scopes: list[Scope] = Field(description="What the key allows; `admin` includes all others.")
