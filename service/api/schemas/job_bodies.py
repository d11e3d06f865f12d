"""Request bodies of jobs in the OpenAPI document: partial, as the service merges them over what it starts from.

A new job starts from a preset, a fork from its parent. An object in the body is merged over the one below, key by key;
an object with another ``name`` replaces it.
"""

from collections.abc import Iterable
from copy import deepcopy
from typing import Any

from service.api.http.openapi import Schema
from service.domain.config import JobConfig

_REFERENCE = "#/components/schemas/{}"


def job_bodies() -> dict[str, Schema]:
    """Return the schemas ``JobIn`` and ``ForkIn``, and those of their parts: ``NetworkIn``, ``SGDIn`` and so on."""
    config = JobConfig.model_json_schema(ref_template=_REFERENCE.format("{model}In"))
    parts = {f"{name}In": part for name, part in config.pop("$defs").items()}
    for part in parts.values():
        if "const" in part.get("properties", {}).get("name", {}):
            part["required"] = ["name"]
    del parts["NetworkIn"]["required"]
    first = f"{type(JobConfig().optimizer).__name__}In"  # that of every preset: a body may leave out its name
    parts["UnnamedPresetOptimizer"] = _changes([parts[first]], "The optimizer of the preset, with other values.")
    parts["UnnamedOptimizer"] = _changes(_members(parts, "OptimizerIn"), "The parent's optimizer, with other values.")
    parts["UnnamedSchedule"] = _changes(_members(parts, "ScheduleIn"), "The parent's schedule, with other values.")
    job = config | {"description": "The fields of a new job that differ from the preset's, or from the notebook's."}
    fork = deepcopy(config) | {"description": "The fields of a fork that differ from its parent's."}
    _allow(job, "optimizer", "UnnamedPresetOptimizer", parts["OptimizerIn"])
    _allow(fork, "optimizer", "UnnamedOptimizer", parts["OptimizerIn"])
    _allow(fork, "schedule", "UnnamedSchedule", parts["ScheduleIn"])
    for field in fork["properties"].values():
        field.pop("default", None)  # an absent field is the parent's
    del parts["OptimizerIn"]
    bodies = parts | {"JobIn": job, "ForkIn": fork}
    return {name: body | {"title": name} for name, body in bodies.items()}


def _members(parts: dict[str, Schema], union: str) -> list[Schema]:
    return [parts[member["$ref"].rpartition("/")[2]] for member in parts[union]["oneOf"]]


def _changes(kinds: Iterable[Schema], description: str) -> Schema:
    """Return the schema of an object with any fields of *kinds*, and without a name."""
    fields: dict[str, Any] = {name: field for kind in kinds for name, field in kind["properties"].items()}
    properties = {name: _without_default(field) for name, field in fields.items() if name != "name"}
    return {"type": "object", "description": description, "properties": properties, "additionalProperties": False}


def _without_default(field: Schema) -> Schema:
    return {name: value for name, value in field.items() if name != "default"}


def _allow(body: Schema, field: str, changes: str, union: Schema) -> None:
    """Let *field* of *body* also be an object without a name, beside the members of its *union*.

    The union is written out, since some generators cannot have one inside another. One of them looks for a member that
    fits in the order of the names: that of the object without a name comes last.
    """
    below = body["properties"][field]
    nulls = [each for each in below.pop("anyOf", []) if "$ref" not in each]
    below.pop("$ref", None)
    body["properties"][field] = {"oneOf": [*union["oneOf"], {"$ref": _REFERENCE.format(changes)}, *nulls], **below}
