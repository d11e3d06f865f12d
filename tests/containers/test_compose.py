"""`docker compose up`: the README's session, the restrictions of the containers, and recovery from kills."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.containers.engines import ROOT
from tests.containers.stacks import Stack
from tests.pages import curl_session
from tests.servers import Json, finished, job_where, last_weights, losses, training, until

pytestmark = [pytest.mark.containers, pytest.mark.timeout(1800)]  # the first to run builds the images

BODY: Json = {
    "epochs": 5,
    "checkpoint_every_epochs": 1,
    "seed": 7,
    "shuffle": True,
    "optimizer": {"name": "adam"},
}

INSPECT = """
import os, pathlib, shutil
print(os.getuid(), os.getgid(), [name for name in ("gcc", "cc", "g++", "make") if shutil.which(name)])
for folder in ("/opt/naivenet", "/etc", "/", "/usr/bin"):
    try:
        pathlib.Path(folder, "x").write_text("y")
    except OSError as error:
        print(error.strerror)
"""


@pytest.fixture
def client(services: Stack) -> Iterator[httpx2.Client]:
    """A client of the first API."""
    with services.client() as speaking:
        yield speaking


def test_the_readme_session_runs(services: Stack, tmp_path: Path) -> None:
    """The README's session runs in containers, on another port and with fewer epochs."""
    script = curl_session(services.urls[0])
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    bash = ["/bin/bash", "-euo", "pipefail", "-c", script]
    ran = subprocess.run(bash, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr + services.logs()
    assert "7" in ran.stdout.splitlines()


def test_containers_are_unprivileged_and_read_only(services: Stack) -> None:
    """Containers run without root, on a read-only file system, and without a compiler."""
    for service in (services.apis[0], services.trainer):
        identity, *refused = services.inside(service, "python", "-c", INSPECT).splitlines()
        assert identity == "10001 10001 []"
        assert refused == ["Read-only file system"] * 4


def test_containers_are_healthy(services: Stack) -> None:
    """The health checks of the images succeed, run as the engine runs them."""
    for service in (*services.apis, services.trainer):
        until(lambda s=service: services.inside(s, "python", "/opt/naivenet/health.py") == "", what=service)


def test_every_api_sees_the_trainer(services: Stack) -> None:
    """Every API reports the trainer, which runs in another container, in its metrics."""
    for url in services.urls:
        until(lambda url=url: "naivenet_trainers 1.0" in httpx2.get(f"{url}/metrics").text, what=f"a trainer at {url}")


def test_the_api_has_no_tensorflow(client: httpx2.Client) -> None:
    """An export that needs TensorFlow is answered with 501 by an API without it."""
    checkpoint = client.get("/v1/checkpoints", params={"limit": 1}).json()["data"][0]["id"]
    answer = client.get(f"/v1/checkpoints/{checkpoint}/weights", params={"format": "keras"})
    assert (answer.status_code, answer.json()["code"]) == (501, "not_installed")


def test_a_job_survives_its_trainer_and_an_api(services: Stack, client: httpx2.Client) -> None:
    """A job whose trainer and API are killed continues without gap or overlap, and ends with the same bytes."""
    killed = client.post("/v1/jobs", json=BODY).json()["id"]
    job_where(client, killed, lambda job: job["progress"]["epoch"] > BODY["checkpoint_every_epochs"])
    services.kill(services.trainer, services.apis[0])
    with services.client(-1) as other:
        if len(services.apis) > 1:  # the other API still answers
            assert other.get(f"/v1/jobs/{killed}").json()["status"] == "running"
        services.up()
        job = finished(client, killed)
        assert (job["status"], job["attempt"]) == ("succeeded", 2), json.dumps(job)
        undisturbed = finished(client, client.post("/v1/jobs", json=BODY).json()["id"])
        assert undisturbed["attempt"] == 1
        assert losses(other, killed) == losses(client, undisturbed["id"])
        assert last_weights(other, killed) == last_weights(client, undisturbed["id"])


def test_signals_reach_the_process(services: Stack, client: httpx2.Client) -> None:
    """On `docker stop` the worker saves its job, which is queued again, and trainer and API exit with status 0."""
    job = client.post("/v1/jobs", json=BODY | {"epochs": 500}).json()["id"]
    training(client, job)
    services.run("stop", services.trainer)
    assert client.get(f"/v1/jobs/{job}").json()["status"] == "queued"
    client.post(f"/v1/jobs/{job}/cancel").raise_for_status()
    services.run("stop", services.apis[0])
    for service in (services.trainer, services.apis[0]):
        assert re.search(rf"{service}[-_]1\b.*Exit(ed)? \(?0\b", services.run("ps", "--all"))
