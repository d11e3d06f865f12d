"""What the images are made of is the lock's: all of it that they need, and no more."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def packages(part: str) -> dict[str, str]:
    """What the script prints for a part: the packages, each with its lines."""
    command = [sys.executable, str(ROOT / "deploy" / "requirements.py"), part]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    blocks = [block.lstrip("\n") for block in printed.replace("\\\n", "\\").splitlines()]
    return {block.split("==")[0]: block for block in blocks if block}


@pytest.fixture(scope="module")
def serving() -> dict[str, str]:
    """What both images have."""
    return packages("serving")


def test_every_package_has_its_hashes(serving: dict[str, str]) -> None:
    """Or pip would refuse them all."""
    assert all("--hash=sha256:" in block for block in serving.values())


def test_serving_has_what_the_api_imports(serving: dict[str, str]) -> None:
    """Also what those ask for, and the clients of PostgreSQL and S3."""
    assert serving.keys() >= {"fastapi", "starlette", "sqlalchemy", "psycopg", "psycopg-binary", "s3fs", "aiobotocore"}


def test_serving_has_nothing_of_training_or_of_the_tests(serving: dict[str, str]) -> None:
    """Nor what only those ask for."""
    assert serving.keys().isdisjoint(
        {"tensorflow", "tensorflow-cpu", "keras", "h5py", "libclang", "pytest", "moto", "ruff"}
    )


def test_training_is_the_rest(serving: dict[str, str]) -> None:
    """No package lies in both layers."""
    training = packages("training")
    assert training.keys() >= {"tensorflow-cpu", "keras", "h5py"}
    assert training.keys().isdisjoint(serving)
