"""Identifiers with a prefix for their kind, which sort by the time of their creation."""

from typeid import TypeID


def new_id(prefix: str) -> str:
    """Return a new TypeID (a UUIDv7 in base 32), such as ``job_01m84c1jy4e3jte4zp011kt9e9``."""
    return str(TypeID(prefix))
