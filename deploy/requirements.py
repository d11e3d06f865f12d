"""Prints a part of constraints.txt: the packages that an image or a checkout needs, with their versions and hashes.

The lock names, in a comment under each package, the packages that require it. So one lock serves every installation.
"""

import argparse
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent

#: How the lock's comments name the project itself.
PROJECT = "naivenet"

#: The optional dependencies of the images; a checkout has none unless ``--extras`` names them.
IMAGE_EXTRAS = ("otel", "postgres", "s3")

#: What the image of a cluster's nodes needs beyond those.
CLUSTER_EXTRAS = ("ray",)

#: What builds the project's own wheel, and what training needs beyond serving.
BUILD = frozenset({"editables", "hatchling"})
TRAINING = frozenset({"tensorflow", "tensorflow-cpu"})

#: The packages of an extra of jsonschema for which only `JUPYTER` asks; the lock names jsonschema itself. One of them,
#: rfc3987-syntax, makes each process that imports jsonschema start two seconds later: those of charts and of Ray.
FORMATS = frozenset(
    {"fqdn", "isoduration", "jsonpointer", "rfc3339-validator", "rfc3986-validator"}
    | {"rfc3987-syntax", "uri-template", "webcolors"}
)
JUPYTER = "jupyter-events"

PARTS = {
    "build": "builds the project's wheel",
    "serving": "runs the API in an image",
    "training": "what a trainer's image needs beyond serving",
    "cluster": "what the image of a cluster's nodes needs beyond a trainer's",
    "checkout": "builds, serves and trains from a checkout",
}


@dataclass(frozen=True, kw_only=True)
class Pin:
    """A package of the lock.

    Attributes:
        text: Its lines: version, marker and hashes.
        via: The packages that require it, `PROJECT` among them.
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
    name, via = _name(pinned[0]), frozenset(_name(note) for note in notes if note)
    return Pin(name=name, text="\n".join(pinned), via=frozenset({JUPYTER}) if name in FORMATS else via)


def _name(requirement: str) -> str:
    return re.split(r"[^A-Za-z0-9._-]", requirement.strip(), maxsplit=1)[0].split("==")[0].lower().replace("_", "-")


def direct(project: dict[str, object], extras: Iterable[str]) -> frozenset[str]:
    """The packages that pyproject.toml names, with those of *extras*.

    Raises:
        LookupError: pyproject.toml has no such extra.
    """
    table: dict = project["project"]  # type: ignore[assignment]  # TOML's tables have any values
    optional = table["optional-dependencies"]
    if unknown := set(extras) - set(optional):
        raise LookupError(f"no extra {', '.join(sorted(unknown))} in pyproject.toml: choose of {', '.join(optional)}.")
    requirements = [*table["dependencies"], *(each for extra in extras for each in optional[extra])]
    own = [each for each in requirements if _name(each) == PROJECT]  # "naivenet[docs,s3]": extras within an extra
    more = direct(project, re.findall(r"[a-z0-9]+", "".join(each.removeprefix(PROJECT) for each in own))) if own else ()
    return frozenset(_name(requirement) for requirement in requirements) - {PROJECT} | frozenset(more)


def needed(pins: list[Pin], roots: frozenset[str]) -> list[Pin]:
    """The *roots* and everything that they require, in the lock's order.

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


def part(name: str, extras: Iterable[str] = IMAGE_EXTRAS) -> list[Pin]:
    """The packages of one of `PARTS`."""
    pins = read_lock((ROOT / "constraints.txt").read_text(encoding="utf-8"))
    own = direct(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8")), extras)
    serving = needed(pins, own - TRAINING)
    match name:
        case "build":
            return needed(pins, BUILD)
        case "serving":
            return serving
        case "training":
            return [pin for pin in needed(pins, own) if pin not in serving]
        case "cluster":
            return [pin for pin in part("checkout", (*extras, *CLUSTER_EXTRAS)) if pin not in part("checkout", extras)]
        case _:
            return needed(pins, own | BUILD)


def main() -> None:
    """Print one part."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", choices=PARTS, help="; ".join(f"{name}: {what}" for name, what in PARTS.items()))
    parser.add_argument("--extras", help="extras of pyproject.toml, separated by commas; an image has all by default")
    chosen = parser.parse_args()
    default = () if chosen.part == "checkout" else IMAGE_EXTRAS
    extras = default if chosen.extras is None else tuple(filter(None, chosen.extras.split(",")))
    try:
        print("\n".join(pin.text for pin in part(chosen.part, extras)))  # noqa: T201  # pip reads it
    except LookupError as error:
        parser.error(str(error))


if __name__ == "__main__":
    main()
