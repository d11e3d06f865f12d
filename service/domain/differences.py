"""Finds the fields in which the configurations of jobs differ, and the jobs whose configurations are equal."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from service.domain.config import JobConfig

#: Fields that name, list or keep a job, and do not change what it learns.
LABELS = {
    "name",
    "metadata",
    "group",
    "preset",
    "keep_last",
    "keep_best",
    "checkpoint_every_epochs",
    "checkpoint_every_s",
    "record_steps",
}


def differences(configs: Sequence[JobConfig]) -> dict[str, list[Any]]:
    """Return the jobs' values of each field that differs, by JSON pointer; None for a job without the field."""
    all_leaves = [dict(_leaves(config.model_dump(mode="json", exclude=LABELS), "")) for config in configs]
    pointers = dict.fromkeys(pointer for leaves in all_leaves for pointer in leaves)
    values = {pointer: [leaves.get(pointer) for leaves in all_leaves] for pointer in pointers}
    return {pointer: row for pointer, row in values.items() if any(value != row[0] for value in row)}


def groups(configs: Sequence[JobConfig]) -> list[list[int]]:
    """Return the indices of the configurations that are equal in all but the seed, in the order of the first ones."""
    found: dict[str, list[int]] = {}
    for index, config in enumerate(configs):
        fields = config.model_dump(mode="json", exclude={*LABELS, "seed"})
        found.setdefault(json.dumps(fields, sort_keys=True), []).append(index)
    return list(found.values())


def _leaves(value: object, pointer: str) -> Iterator[tuple[str, object]]:
    if isinstance(value, dict | list):
        members = value.items() if isinstance(value, dict) else enumerate(value)
        for name, inner in members:
            yield from _leaves(inner, f"{pointer}/{name}")
    else:
        yield pointer, value
