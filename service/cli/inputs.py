"""Reads what users give to commands: configurations from files, ``--set PATH=VALUE`` and ``--metadata NAME=VALUE``."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from service.errors import InvalidInput

Config = Annotated[
    Path | None,
    typer.Option(help="The configuration: a JSON file, or - for standard input."),
]
Assignments = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="PATH=VALUE",
        help="A field of the configuration, such as `optimizer.learning_rate=0.1`. Repeatable.",
    ),
]
Mix = Annotated[
    str | None,
    typer.Option(
        metavar="NAME[@VERSION][:WEIGHT],...",
        help="The datasets to train on together, and how often an epoch shows each picture, such as `mnist,mine:20`.",
    ),
]
Labels = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME=VALUE", help="A label of the job. Repeatable."),
]


def job_body(config: Path | None, assignments: Sequence[str] | None, **fields: object) -> dict[str, Any]:
    """Return a job's configuration: that of a file, with *fields* and then *assignments* in place of its own.

    Raises:
        InvalidInput: The file cannot be read, is not valid JSON, or no object.
        BadParameter: An assignment has no ``=``, or its path does not fit the configuration.
    """
    body = ({} if config is None else read_object(config)) | {
        name: value for name, value in fields.items() if value is not None
    }
    return assigned(body, assignments or ())


def assigned(body: dict[str, Any], assignments: Sequence[str]) -> dict[str, Any]:
    """Set the fields that *assignments* name in *body*, and return it.

    Raises:
        BadParameter: An assignment has no ``=``, or its path does not fit the body.
    """
    for assignment in assignments:
        path, value = _split(assignment, "--set")
        _assign(body, path.strip("/").replace("/", ".").split("."), value_of(value), assignment)
    return body


def mix(text: str) -> list[dict[str, Any]]:
    """Return the datasets that an option ``--datasets`` names, as a job's configuration has them.

    Raises:
        BadParameter: A weight or a version is not a number.
    """
    return [_dataset(each) for each in text.split(",")]


def _dataset(text: str) -> dict[str, Any]:
    place, colon, weight = text.partition(":")
    name, at, version = place.partition("@")
    try:
        numbers = {"weight": float(weight)} if colon else {}
        return {"name": name.strip()} | numbers | ({"version": int(version)} if at else {})
    except ValueError as error:
        message = f"{text!r} must have the form NAME, NAME:WEIGHT or NAME@VERSION:WEIGHT"
        raise typer.BadParameter(message, param_hint="--datasets") from error


def labels(given: Sequence[str] | None) -> dict[str, str]:
    """Return ``NAME=VALUE`` options as a mapping.

    Raises:
        BadParameter: One has no ``=``.
    """
    return dict(_split(each, "--metadata") for each in given or ())


def read_object(config: Path) -> dict[str, Any]:
    """Return the JSON object in a file, or in standard input if it is ``-``.

    Raises:
        InvalidInput: It cannot be read, is not valid JSON, or no object.
    """
    try:
        body = orjson.loads(sys.stdin.buffer.read() if str(config) == "-" else config.read_bytes())
    except OSError as error:
        raise InvalidInput(f"{config} cannot be read: {error.strerror}.") from error
    except orjson.JSONDecodeError as error:
        raise InvalidInput(f"{config} is not valid JSON: {error}.") from error
    if not isinstance(body, dict):
        raise InvalidInput(f"{config} must contain a JSON object, such as {{}}.")
    return body


def check_folder(file: Path, hint: str) -> None:
    """Check that the folder of a file to write exists, before the work whose result it gets.

    Raises:
        BadParameter: It does not.
    """
    folder = file.absolute().parent
    if not folder.is_dir():
        raise typer.BadParameter(f"the folder {folder} does not exist; create it first", param_hint=hint)


def _split(assignment: str, option: str) -> tuple[str, str]:
    name, equals, value = assignment.partition("=")
    if not (name and equals):
        raise typer.BadParameter(f"{assignment!r} must have the form NAME=VALUE", param_hint=option)
    return name, value


def value_of(given: str) -> Any:
    """Return the value in a text: JSON, or else the text itself, so that names need no quotes."""
    try:
        return orjson.loads(given)
    except orjson.JSONDecodeError:
        return given


def _assign(body: Any, path: Sequence[str], value: Any, assignment: str) -> None:
    """Set the field at *path*; objects on the way that are missing are added, but no items of lists."""
    name, *deeper = path
    try:
        key = int(name) if isinstance(body, list) else name
        if not deeper:
            body[key] = value
            return
        if isinstance(body, dict) and body.get(name) is None:
            body[name] = {}
        child = body[key]
    except (IndexError, TypeError, ValueError) as error:
        problem = f"{assignment!r}: the configuration has no place {name!r} there"
        raise typer.BadParameter(problem, param_hint="--set") from error
    _assign(child, deeper, value, assignment)
