"""The settings of where the service listens and where its data is: the first part of `service.settings`."""

import ipaddress
import json
from pathlib import Path
from typing import Any

import platformdirs
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from service.errors import Misconfigured
from service.setting_files import PREFIX


class Places(BaseSettings):
    """The address of the service, and its database, store and folders."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="ignore", validate_default=True
    )

    host: str = Field("127.0.0.1", description="The address to listen on")
    port: int = Field(8000, ge=0, le=65535, description="The port to listen on; 0 takes a free port")
    workers: int = Field(
        1,
        ge=1,
        le=64,
        description="The number of API processes that share the port; they share one trainer, too",
    )
    data_dir: Path = Field(
        default_factory=lambda: platformdirs.user_data_path("naivenet"),
        description="The folder of the database, checkpoints and datasets (default: the platform's user data folder)",
    )
    database_url: str | None = Field(
        None, description="The SQLAlchemy URL of the database (default: SQLite in the data folder)"
    )
    database_password: SecretStr | None = Field(
        None, description="The password of the database, if its URL contains none"
    )
    storage_url: str | None = Field(
        None, description="The fsspec URL of the checkpoint store (default: the data folder)"
    )
    storage_options: SecretStr | None = Field(
        None, description="Further options of fsspec for the checkpoint store, as JSON"
    )
    datasets_dir: Path | None = Field(
        None,
        description="The folder of datasets: each a file `NAME.npz` or a folder (default: `DATA_DIR/datasets`)",
    )
    max_datasets: int = Field(100, ge=0, description="The largest number of datasets that clients upload or collect")
    max_dataset_samples: int = Field(200_000, ge=1, description="The largest number of pictures of such a dataset")
    max_dataset_bytes: int = Field(
        500_000_000, ge=1024, description="The largest size of such a dataset, with original pictures, in bytes"
    )
    cache_dir: Path | None = Field(
        None,
        description="The folder where MNIST is unpacked once for all processes (default: the platform's cache folder)",
    )

    @property
    def is_local(self) -> bool:
        """Whether only this machine can connect."""
        return self.host == "localhost" or _is_loopback(self.host)

    @property
    def resolved_database_url(self) -> str:
        """The SQLAlchemy URL, with the password.

        Raises:
            Misconfigured: SQLAlchemy cannot parse it.
        """
        from sqlalchemy import URL, make_url  # noqa: PLC0415  # commands that only connect to a running service do not need it
        from sqlalchemy.exc import ArgumentError  # noqa: PLC0415  # likewise

        in_data_dir = URL.create("sqlite", database=str(self.data_dir / "naivenet.db"))
        try:
            url = make_url(self.database_url) if self.database_url else in_data_dir
        except ArgumentError as error:
            raise Misconfigured(
                f"NAIVENET_DATABASE_URL: {self.database_url!r} is not an SQLAlchemy URL such as postgresql://user@host/name."
            ) from error
        if self.database_password and not url.password:
            url = url.set(password=self.database_password.get_secret_value())
        return url.render_as_string(hide_password=False)

    @property
    def resolved_storage_options(self) -> dict[str, Any]:
        """The options of fsspec for the checkpoint store.

        Raises:
            Misconfigured: They are not a JSON object.
        """
        try:
            options = json.loads(self.storage_options.get_secret_value()) if self.storage_options else {}
        except ValueError as error:
            raise Misconfigured(
                f"NAIVENET_STORAGE_OPTIONS: it must be a JSON object, but it is not valid JSON: {error}."
            ) from error
        if not isinstance(options, dict):
            raise Misconfigured("NAIVENET_STORAGE_OPTIONS: it must be a JSON object.")
        return options

    @property
    def resolved_storage_url(self) -> str:
        """The fsspec URL of the checkpoint store."""
        return self.storage_url or str(self.data_dir / "checkpoints")

    @property
    def resolved_datasets_dir(self) -> Path:
        """The datasets folder."""
        return self.datasets_dir or self.data_dir / "datasets"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
