"""Prints the part of constraints.txt that an image needs: the lock says beside each package who asks for it."""

import argparse
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent

#: What stands in the lock for the project itself.
PROJECT = "naivenet"

#: The packages of each image: the project's own dependencies, these extras, and what these names leave out.
EXTRAS = ("otel", "postgres", "s3")
BUILD = frozenset({"editables", "hatchling"})
TRAINING = frozenset({"tensorflow", "tensorflow-cpu"})


@dataclass(frozen=True, kw_only=True)
class Pin:
    """A package of the lock.

    Attributes:
        text: Its lines: version, marker and hashes.
        via: The packages that ask for it; `PROJECT` is one.
    """

    name: str
    text: str
    via: frozenset[str]


def read_lock(text: str) -> list[Pin]:
    """The packages of a lock that ``uv pip compile`` wrote, in its order."""
    blocks = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)
    return [_pin(block) for block in blocks if "==" in block.partition("\n")[0]]


def _pin(block: str) -> Pin:
    lines = block.splitlines()
    pinned = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
    notes = [line.strip(" #").removeprefix("via").strip() for line in lines if line.lstrip().startswith("#")]
    via = frozenset(_name(note) for note in notes if note)
    return Pin(name=_name(pinned[0]), text="\n".join(pinned), via=via)


def _name(requirement: str) -> str:
    return re.split(r"[^A-Za-z0-9._-]", requirement.strip(), maxsplit=1)[0].split("==")[0].lower().replace("_", "-")


def direct(project: dict[str, object], extras: Iterable[str]) -> frozenset[str]:
    """What the project asks for by itself, with these *extras*."""
    table: dict = project["project"]  # type: ignore[assignment]  # TOML's tables have any values
    asked = [*table["dependencies"], *(each for extra in extras for each in table["optional-dependencies"][extra])]
    return frozenset(_name(requirement) for requirement in asked)


def needed(pins: list[Pin], roots: frozenset[str]) -> list[Pin]:
    """The *roots* and all that they ask for, in the lock's order.

    Raises:
        LookupError: A root is not in the lock.
    """
    if missing := roots - {pin.name for pin in pins}:
        raise LookupError(f"constraints.txt lacks {', '.join(sorted(missing))}: run `make lock`.")
    chosen: frozenset[str] = frozenset()
    grown = roots
    while grown != chosen:
        chosen = grown
        grown = chosen | {pin.name for pin in pins if pin.via & chosen}
    return [pin for pin in pins if pin.name in chosen]


def part(name: str) -> list[Pin]:
    """What the part of an image by this *name* is made of."""
    pins = read_lock((ROOT / "constraints.txt").read_text(encoding="utf-8"))
    own = direct(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8")), EXTRAS)
    serving = needed(pins, own - TRAINING)
    if name == "build":
        return needed(pins, BUILD)
    return serving if name == "serving" else [pin for pin in needed(pins, own) if pin not in serving]


def main() -> None:
    """Print one part."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", choices=["build", "serving", "training"], help="training is what serving lacks")
    print("\n".join(pin.text for pin in part(parser.parse_args().part)))  # noqa: T201  # pip reads it


if __name__ == "__main__":
    main()
