"""In which fields of their configurations jobs differ."""

from collections.abc import Iterator, Sequence
from typing import Any

from service.domain.config import JobConfig

#: What says how a job is called, kept and listed, and nothing of what it learns.
WORDS = {"name", "metadata", "group", "preset", "keep_last", "keep_best", "checkpoint_every_epochs"}


def differences(configs: Sequence[JobConfig]) -> dict[str, list[Any]]:
    """By JSON pointer, the jobs' values of each field in which they are not alike; None where one has no such field."""
    all_leaves = [dict(_leaves(config.model_dump(mode="json", exclude=WORDS), "")) for config in configs]
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
