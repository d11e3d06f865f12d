"""Reads the description of an experiment from options: ``--arm NAME:PATH=VALUE,…`` and ``--sweep PATH=VALUE,…``."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
import typer

from service.cli import inputs

#: Commas between assignments; commas inside a value are not followed by a path and ``=``.
_BETWEEN = re.compile(r",(?=[\w./]+=)")


def body_of(
    file: Path | None, *, arms: Sequence[str], sweep: Sequence[str], common: Sequence[str], **fields: Any
) -> dict[str, Any]:
    """Return the body of an experiment: that of a file, with what the options say in place of its own.

    Args:
        file: A JSON file with an experiment.
        arms: Each ``NAME:PATH=VALUE,PATH=VALUE``.
        sweep: Each ``PATH=VALUE,VALUE``.
        common: Assignments that hold for all arms.
        fields: Further fields; None stands for a field that was not given.

    Raises:
        InvalidInput: The file cannot be read, or is no JSON object.
        BadParameter: An option has another form.
    """
    body = {} if file is None else inputs.read_object(file)
    body |= {name: value for name, value in fields.items() if value is not None}
    if arms:
        body["arms"] = [_arm(each, common) for each in arms]
    elif common:
        body["config"] = inputs.assigned(body.get("config") or {}, common)
    if sweep:
        body["sweep"] = dict(_swept(each) for each in sweep)
    return body


def seeds_of(text: str | None) -> int | list[int] | None:
    """Return a number of seeds, or the seeds between commas.

    Raises:
        BadParameter: One is no whole number.
    """
    if text is None:
        return None
    try:
        seeds = [int(each) for each in text.split(",")]
    except ValueError:
        problem = f"{text!r} must be a number of seeds, such as 8, or seeds, such as 1,2,3"
        raise typer.BadParameter(problem, param_hint="--seeds") from None
    return seeds if "," in text else seeds[0]


def _arm(text: str, common: Sequence[str]) -> dict[str, Any]:
    name, _, rest = text.partition(":")
    if not name or "=" in name:
        problem = f"{text!r} must have the form NAME:PATH=VALUE, such as adam:optimizer.name=adam"
        raise typer.BadParameter(problem, param_hint="--arm")
    return {"name": name, "config": inputs.assigned({}, [*common, *filter(None, _BETWEEN.split(rest))])}


def _swept(text: str) -> tuple[str, Any]:
    path, equals, given = text.partition("=")
    if not (path and equals and given):
        problem = f"{text!r} must have the form PATH=VALUE,VALUE, such as optimizer.learning_rate=0.01,0.1"
        raise typer.BadParameter(problem, param_hint="--sweep")
    pointer = path if path.startswith("/") else "/" + path.replace(".", "/")
    try:
        values = orjson.loads(given)
    except orjson.JSONDecodeError:
        values = None
    whole = values if isinstance(values, list | dict) else [inputs.value_of(each) for each in given.split(",")]
    return pointer, whole
