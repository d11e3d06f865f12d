"""Images of others are named by digest: a build or a start always takes the same bytes."""

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[3]
BY_DIGEST = re.compile(r"[\w./-]+:[\w.-]+@sha256:[0-9a-f]{64}")


def test_images_are_built_from_digests() -> None:
    """Each stage starts from another stage, or from an image whose digest is the default of an argument."""
    text = (ROOT / "Dockerfile").read_text()
    arguments = dict(re.findall(r"^ARG (\w+)=(\S+)$", text, re.MULTILINE))
    stages = set(re.findall(r"^FROM \S+ AS (\w+)$", text, re.MULTILINE))
    bases = set(re.findall(r"^FROM (\S+)", text, re.MULTILINE)) - stages
    assert bases == {"${PYTHON_IMAGE}"}
    assert BY_DIGEST.fullmatch(arguments["PYTHON_IMAGE"])


def test_compose_runs_images_of_others_by_digest() -> None:
    """Every image of Compose's services is built here, or has a digest."""
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    others = {each["image"] for each in services.values() if "build" not in each}
    assert others
    for image in others:
        default = re.sub(r"^\$\{\w+:-(.*)\}$", r"\1", image)
        assert BY_DIGEST.fullmatch(default), image
