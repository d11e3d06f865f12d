"""Finds the fields in which the configurations of jobs differ."""

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
}


def differences(configs: Sequence[JobConfig]) -> dict[str, list[Any]]:
    """Return the jobs' values of each field that differs, by JSON pointer; None for a job without the field."""
    all_leaves = [dict(_leaves(config.model_dump(mode="json", exclude=LABELS), "")) for config in configs]
    pointers = dict.fromkeys(pointer for leaves in all_leaves for pointer in leaves)
    values = {pointer: [leaves.get(pointer) for leaves in all_leaves] for pointer in pointers}
    return {pointer: row for pointer, row in values.items() if any(value != row[0] for value in row)}


def _leaves(value: object, pointer: str) -> Iterator[tuple[str, object]]:
    if isinstance(value, dict | list):
        members = value.items() if isinstance(value, dict) else enumerate(value)
        for name, inner in members:
            yield from _leaves(inner, f"{pointer}/{name}")
    else:
        yield pointer, value
