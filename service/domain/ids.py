"""Identifiers that say what they name and sort by the time they were made."""

from typeid import TypeID


def new_id(prefix: str) -> str:
    """A fresh TypeID (a UUIDv7 in base 32) such as ``job_01m84c1jy4e3jte4zp011kt9e9``."""
    return str(TypeID(prefix))
