# Generated from _async by `make client-sync`: change it there.
"""Models: what answers predictions."""

from collections.abc import Sequence
from typing import Any

from naivenet_client._sync.bound import Bound, bind, fetch_bound
from naivenet_client._sync.http import Http
from naivenet_client.connection import Request, segment
from naivenet_client.schemas.checkpoints import CheckpointData
from naivenet_client.schemas.common import Page
from naivenet_client.schemas.models import Alias, ModelData, Version


class Model(Bound, ModelData, kw_only=True, dict=True):
    """A model: a name with numbered versions, and aliases that point at versions."""

    def refresh(self) -> "Model":
        """Read the model again, and return it."""
        found = Models(self._http).get(self.name)
        self.versions, self.aliases = found.versions, found.aliases
        return self

    def alias(self, alias: str) -> Alias | None:
        """Return one of the aliases, as they were last read; None if there is none of this name."""
        return next((each for each in self.aliases if each.alias == alias), None)

    def add_version(self, checkpoint: CheckpointData | str) -> Version:
        """Make a checkpoint the next version."""
        return Models(self._http).add_version(self.name, checkpoint)

    def set_alias(self, alias: str, version: Version | int, *, if_match: str | None = None) -> Alias:
        """Point an alias at a version; see `Models.set_alias`."""
        return Models(self._http).set_alias(self.name, alias, version, if_match=if_match)

    def delete_alias(self, alias: str, *, if_match: str | None = None) -> None:
        """Delete an alias; see `Models.delete_alias`."""
        Models(self._http).delete_alias(self.name, alias, if_match=if_match)

    def delete_version(self, version: Version | int) -> None:
        """Delete a version; see `Models.delete_version`."""
        Models(self._http).delete_version(self.name, version)

    def delete(self) -> None:
        """Delete the model with its versions, unless it has an alias that a client has set."""
        Models(self._http).delete(self.name)

    def __repr__(self) -> str:
        """Return a short text."""
        aliases = ", ".join(f"{each.alias}: {each.version}" for each in self.aliases)
        return f"Model({self.name}, {len(self.versions)} versions, {aliases or 'no aliases'})"


class Models:
    """The models of the service."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def get(self, name: str = "digits") -> Model:
        """Return a model with its versions and aliases."""
        request = Request(method="GET", path=f"/v1/models/{segment(name)}")
        return fetch_bound(self._http, Model, request)

    def list(self) -> Sequence[Model]:
        """Return all models."""
        found = self._http.fetch(Page[Model], Request(method="GET", path="/v1/models"))
        return [bind(model, self._http) for model in found.data]

    def add_version(self, name: str, checkpoint: CheckpointData | str) -> Version:
        """Make a checkpoint the model's next version, and return it."""
        checkpoint_id = checkpoint if isinstance(checkpoint, str) else checkpoint.id
        path = f"/v1/models/{segment(name)}/versions"
        request = Request(method="POST", path=path, json={"checkpoint_id": checkpoint_id})
        return self._http.fetch(Version, request)

    def delete_version(self, name: str, version: Version | int) -> None:
        """Delete a version that no alias points at. Its checkpoint stays, and can be deleted then.

        Raises:
            Conflict: An alias points at it.
        """
        number = version.version if isinstance(version, Version) else version
        path = f"/v1/models/{segment(name)}/versions/{number}"
        self._http.send(Request(method="DELETE", path=path))

    def delete(self, name: str) -> None:
        """Delete a model with its versions, unless it has an alias that a client has set.

        Raises:
            Conflict: It has such an alias, or it is ``digits``, which always exists.
        """
        self._http.send(Request(method="DELETE", path=f"/v1/models/{segment(name)}"))

    def set_alias(self, name: str, alias: str, version: Version | int, *, if_match: str | None = None) -> Alias:
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
        return self._http.fetch(Alias, request)

    def delete_alias(self, name: str, alias: str, *, if_match: str | None = None) -> None:
        """Delete an alias. ``live`` then follows the best test accuracy again.

        Args:
            name: The model.
            alias: The alias.
            if_match: The alias's `etag`, if it must not have changed since.

        Raises:
            PreconditionFailed: Another client has changed the alias.
        """
        self._http.send(_alias_request("DELETE", name, alias, if_match))


def _alias_request(method: str, name: str, alias: str, if_match: str | None, *, json: Any = None) -> Request:
    return Request(
        method=method,
        path=f"/v1/models/{segment(name)}/aliases/{segment(alias)}",
        json=json,
        headers={} if if_match is None else {"If-Match": if_match},
        repeatable=if_match is None,  # the first attempt may have changed the alias, so that the second does not match
    )
