"""Merges configurations: changes over a base."""

from collections.abc import Mapping
from typing import Any


def merge(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return *base* with *changes* over it.

    Objects are merged key by key. An object whose ``name`` changes is replaced as a whole: the parameters of one
    optimizer mean nothing to another. Every other value is replaced.
    """
    merged = dict(base)
    for key, value in changes.items():
        below = merged.get(key)
        mergeable = (
            isinstance(value, dict)
            and isinstance(below, dict)
            and value.get("name", below.get("name")) == below.get("name")
        )
        merged[key] = merge(below, value) if mergeable else value  # type: ignore[arg-type]  # both are dicts then
    return merged
