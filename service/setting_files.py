"""Reads settings from files: ``NAIVENET_DATABASE_PASSWORD_FILE`` names a file with the password."""

import os
from collections.abc import Iterable
from pathlib import Path

from service.errors import Misconfigured

#: The prefix of a setting's variable, and the suffix of a variable that names a file with the value.
PREFIX, IN_FILE = "NAIVENET_", "_FILE"


def read_setting_files(settings: Iterable[str]) -> dict[str, str]:
    """Read the named settings that a variable with ``_FILE`` points at; the setting's own variable wins.

    Raises:
        Misconfigured: A file cannot be read.
    """
    variables = {name: f"{PREFIX}{name.upper()}" for name in settings}
    named = {name: os.environ.get(f"{variable}{IN_FILE}") for name, variable in variables.items()}
    return {
        name: _read(variables[name], path) for name, path in named.items() if path and variables[name] not in os.environ
    }


def _read(variable: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{variable}{IN_FILE}: {path} cannot be read: {error}.") from error
