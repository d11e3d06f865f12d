"""Images and checkouts install what they need from the lock, and no more."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


def packages(*arguments: str) -> dict[str, str]:
    """The packages that the script prints for a part, each with its lines."""
    command = [sys.executable, str(ROOT / "deploy" / "requirements.py"), *arguments]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    blocks = [block.lstrip("\n") for block in printed.replace("\\\n", "\\").splitlines()]
    return {block.split("==")[0]: block for block in blocks if block}


@pytest.fixture(scope="module")
def serving() -> dict[str, str]:
    """The packages of both images."""
    return packages("serving")


def test_every_package_has_its_hashes(serving: dict[str, str]) -> None:
    """Each package is pinned by hash: with one hash missing, pip refuses the whole file."""
    assert all("--hash=sha256:" in block for block in serving.values())


def test_serving_has_what_the_api_imports(serving: dict[str, str]) -> None:
    """The API's image has the service's packages, and the clients of PostgreSQL and S3 with their requirements."""
    assert serving.keys() >= {"fastapi", "starlette", "sqlalchemy", "psycopg", "psycopg-binary", "s3fs", "aiobotocore"}


def test_serving_has_nothing_of_training_or_of_the_tests(serving: dict[str, str]) -> None:
    """The API's image has no package of training or of the tests, nor of their requirements."""
    assert serving.keys().isdisjoint(
        {"tensorflow", "tensorflow-cpu", "keras", "h5py", "libclang", "pytest", "moto", "ruff"}
    )


def test_training_is_the_rest(serving: dict[str, str]) -> None:
    """No package is in both layers of the trainer's image."""
    training = packages("training")
    assert training.keys() >= {"tensorflow-cpu", "keras", "h5py"}
    assert training.keys().isdisjoint(serving)


def test_a_cluster_adds_ray_alone(serving: dict[str, str]) -> None:
    """The layer of a cluster's nodes has Ray, and no package of the layers below it."""
    cluster = packages("cluster")
    assert "ray" in cluster
    assert cluster.keys().isdisjoint(serving.keys() | packages("training").keys())
    assert len(cluster) < 8


def test_a_checkout_has_no_extras_and_no_development_tools() -> None:
    """A checkout can serve and train with SQLite and a folder, and build the project."""
    checkout = packages("checkout")
    assert checkout.keys() >= {"fastapi", "tensorflow-cpu", "keras", "hatchling", "editables"}
    assert checkout.keys().isdisjoint({"psycopg", "s3fs", "opentelemetry-sdk", "ray", "pytest", "moto", "ruff"})


def test_a_checkout_adds_the_extras_that_are_named() -> None:
    """`make serve EXTRAS=postgres,s3` adds the packages of these two extras alone."""
    added = packages("checkout", "--extras", "postgres,s3").keys() - packages("checkout").keys()
    assert added >= {"psycopg", "psycopg-binary", "s3fs", "aiobotocore"}
    assert "opentelemetry-sdk" not in added


def test_an_unknown_extra_is_refused() -> None:
    """The message names it and the existing ones."""
    command = [sys.executable, str(ROOT / "deploy" / "requirements.py"), "checkout", "--extras", "mysql"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 2
    assert "no extra mysql" in ran.stderr
    assert "postgres" in ran.stderr


def test_an_extra_may_name_other_extras_of_the_project() -> None:
    """The extra `dev` names `naivenet[docs,otel,postgres,ray,s3]`, and brings the packages of each of them."""
    development = packages("checkout", "--extras", "dev")
    assert development.keys() >= {"pytest", "sphinx", "opentelemetry-sdk", "psycopg", "ray", "s3fs"}


def test_development_needs_no_jupyter_lab() -> None:
    """JupyterLab comes with `make notebooks` alone; the tests run the notebooks without it."""
    assert "jupyterlab" not in packages("checkout", "--extras", "dev")
    assert "jupyterlab" in packages("checkout", "--extras", "notebooks")


def test_what_jupyter_lab_adds_to_jsonschema_comes_with_it_alone(serving: dict[str, str]) -> None:
    """The formats of jsonschema, one of which takes two seconds to import, are installed for the notebooks only."""
    formats = {"rfc3987-syntax", "lark", "isoduration", "arrow", "fqdn", "webcolors"}
    assert "jsonschema" in serving
    assert formats.isdisjoint(serving)
    assert formats.isdisjoint(packages("checkout", "--extras", "dev"))
    assert formats <= packages("checkout", "--extras", "notebooks").keys()
