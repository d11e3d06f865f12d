"""Models: what answers predictions."""

from collections.abc import Sequence
from typing import Any

from naivenet_client._async.bound import AsyncBound, bind, fetch_bound
from naivenet_client._async.http import AsyncHttp
from naivenet_client.connection import Request, segment
from naivenet_client.schemas.checkpoints import CheckpointData
from naivenet_client.schemas.common import Page
from naivenet_client.schemas.models import Alias, ModelData, Version


class AsyncModel(AsyncBound, ModelData, kw_only=True, dict=True):
    """A model: a name with numbered versions, and aliases that point at versions."""

    async def refresh(self) -> "AsyncModel":
        """Read the model again, and return it."""
        found = await AsyncModels(self._http).get(self.name)
        self.versions, self.aliases = found.versions, found.aliases
        return self

    def alias(self, alias: str) -> Alias | None:
        """Return one of the aliases, as they were last read; None if there is none of this name."""
        return next((each for each in self.aliases if each.alias == alias), None)

    async def add_version(self, checkpoint: CheckpointData | str) -> Version:
        """Make a checkpoint the next version."""
        return await AsyncModels(self._http).add_version(self.name, checkpoint)

    async def set_alias(self, alias: str, version: Version | int, *, if_match: str | None = None) -> Alias:
        """Point an alias at a version; see `AsyncModels.set_alias`."""
        return await AsyncModels(self._http).set_alias(self.name, alias, version, if_match=if_match)

    async def delete_alias(self, alias: str, *, if_match: str | None = None) -> None:
        """Delete an alias; see `AsyncModels.delete_alias`."""
        await AsyncModels(self._http).delete_alias(self.name, alias, if_match=if_match)

    async def delete_version(self, version: Version | int) -> None:
        """Delete a version; see `AsyncModels.delete_version`."""
        await AsyncModels(self._http).delete_version(self.name, version)

    async def delete(self) -> None:
        """Delete the model with its versions, unless it has an alias that a client has set."""
        await AsyncModels(self._http).delete(self.name)

    def __repr__(self) -> str:
        """Return a short text."""
        aliases = ", ".join(f"{each.alias}: {each.version}" for each in self.aliases)
        return f"Model({self.name}, {len(self.versions)} versions, {aliases or 'no aliases'})"


class AsyncModels:
    """The models of the service."""

    def __init__(self, http: AsyncHttp) -> None:
        self._http = http

    async def get(self, name: str = "digits") -> AsyncModel:
        """Return a model with its versions and aliases."""
        request = Request(method="GET", path=f"/v1/models/{segment(name)}")
        return await fetch_bound(self._http, AsyncModel, request)

    async def list(self) -> Sequence[AsyncModel]:
        """Return all models."""
        found = await self._http.fetch(Page[AsyncModel], Request(method="GET", path="/v1/models"))
        return [bind(model, self._http) for model in found.data]

    async def add_version(self, name: str, checkpoint: CheckpointData | str) -> Version:
        """Make a checkpoint the model's next version, and return it."""
        checkpoint_id = checkpoint if isinstance(checkpoint, str) else checkpoint.id
        path = f"/v1/models/{segment(name)}/versions"
        request = Request(method="POST", path=path, json={"checkpoint_id": checkpoint_id})
        return await self._http.fetch(Version, request)

    async def delete_version(self, name: str, version: Version | int) -> None:
        """Delete a version that no alias points at. Its checkpoint stays, and can be deleted then.

        Raises:
            Conflict: An alias points at it.
        """
        number = version.version if isinstance(version, Version) else version
        path = f"/v1/models/{segment(name)}/versions/{number}"
        await self._http.send(Request(method="DELETE", path=path))

    async def delete(self, name: str) -> None:
        """Delete a model with its versions, unless it has an alias that a client has set.

        Raises:
            Conflict: It has such an alias, or it is ``digits``, which always exists.
        """
        await self._http.send(Request(method="DELETE", path=f"/v1/models/{segment(name)}"))

    async def set_alias(self, name: str, alias: str, version: Version | int, *, if_match: str | None = None) -> Alias:
        """Point an alias at a version, and keep it there.

        Args:
            name: The model.
            alias: The alias; `Client.predict` uses ``live``.
            version: The version.
            if_match: The alias's `etag`, if it must not have changed since; ``"0"`` in quotes if it did not exist.

        Raises:
            PreconditionFailed: Another client has changed the alias.
        """
        number = version.version if isinstance(version, Version) else version
        request = _alias_request("PUT", name, alias, if_match, json={"version": number})
        return await self._http.fetch(Alias, request)

    async def delete_alias(self, name: str, alias: str, *, if_match: str | None = None) -> None:
        """Delete an alias. ``live`` then follows the best test accuracy again.

        Args:
            name: The model.
            alias: The alias.
            if_match: The alias's `etag`, if it must not have changed since.

        Raises:
            PreconditionFailed: Another client has changed the alias.
        """
        await self._http.send(_alias_request("DELETE", name, alias, if_match))


def _alias_request(method: str, name: str, alias: str, if_match: str | None, *, json: Any = None) -> Request:
    return Request(
        method=method,
        path=f"/v1/models/{segment(name)}/aliases/{segment(alias)}",
        json=json,
        headers={} if if_match is None else {"If-Match": if_match},
        repeatable=if_match is None,  # the first attempt may have changed the alias, so that the second does not match
    )
