"""`docker compose up`, for real: the README's session, what the containers may not, and killing them."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.containers.engines import ROOT
from tests.containers.stacks import Stack
from tests.servers import Json, finished, job_where, last_weights, losses, training, until

pytestmark = [pytest.mark.containers, pytest.mark.timeout(1800)]  # the first to run builds the images

UNDISTURBED: Json = {
    "epochs": 20,
    "checkpoint_every_epochs": 2,
    "seed": 7,
    "shuffle": True,
    "optimizer": {"name": "adam"},
}

LOOK = """
import os, pathlib, shutil
print(os.getuid(), os.getgid(), [name for name in ("gcc", "cc", "g++", "make") if shutil.which(name)])
for folder in ("/opt/naivenet", "/etc", "/", "/usr/bin"):
    try:
        pathlib.Path(folder, "x").write_text("y")
    except OSError as error:
        print(error.strerror)
"""


@pytest.fixture
def client(services: Stack) -> Iterator[httpx.Client]:
    """Speaks to the first API."""
    with services.client() as speaking:
        yield speaking


def test_the_readme_session_runs_unchanged(services: Stack, tmp_path: Path) -> None:
    """As it is written there but for the port, which is the test's own."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    session = re.search(r"^```sh session\n(.*?)^```", readme, re.DOTALL | re.MULTILINE)
    assert session
    script = session[1].replace("http://127.0.0.1:8000", services.urls[0])
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    bash = ["/bin/bash", "-euo", "pipefail", "-c", script]
    ran = subprocess.run(bash, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr + services.logs()
    assert "7" in ran.stdout.splitlines()


def test_they_run_as_nobody_and_write_only_their_data(services: Stack) -> None:
    """No root, no writable file system, no compiler and no pip."""
    for service in (services.apis[0], services.trainer):
        who, *refused = services.inside(service, "python", "-c", LOOK).splitlines()
        assert who == "10001 10001 []"
        assert refused == ["Read-only file system"] * 4


def test_they_say_themselves_that_they_are_well(services: Stack) -> None:
    """The health checks of the images, run as the engine runs them."""
    for service in (*services.apis, services.trainer):
        until(lambda s=service: services.inside(s, "python", "/opt/naivenet/health.py") == "", what=service)


def test_every_api_sees_the_trainer(services: Stack) -> None:
    """It runs in a container of its own; an alert needs to know whether there is one."""
    for url in services.urls:
        until(lambda url=url: "naivenet_trainers 1.0" in httpx.get(f"{url}/metrics").text, what=f"a trainer at {url}")


def test_the_api_is_without_tensorflow(client: httpx.Client) -> None:
    """What takes it answers 501, and says what is missing."""
    checkpoint = client.get("/v1/checkpoints", params={"limit": 1}).json()["data"][0]["id"]
    answer = client.get(f"/v1/checkpoints/{checkpoint}/weights", params={"format": "keras"})
    assert (answer.status_code, answer.json()["code"]) == (501, "not_installed")


def test_a_job_survives_its_trainer_and_an_api(services: Stack, client: httpx.Client) -> None:
    """Both killed in the middle: it goes on, its log has neither gap nor overlap, and it ends with the same bytes."""
    killed = client.post("/v1/jobs", json=UNDISTURBED).json()["id"]
    job_where(client, killed, lambda job: job["progress"]["epoch"] > UNDISTURBED["checkpoint_every_epochs"])
    services.kill(services.trainer, services.apis[0])
    with services.client(-1) as other:
        if len(services.apis) > 1:  # it goes on answering
            assert other.get(f"/v1/jobs/{killed}").json()["status"] == "running"
        services.up()
        job = finished(client, killed)
        assert (job["status"], job["attempt"]) == ("succeeded", 2), json.dumps(job)
        calm = finished(client, client.post("/v1/jobs", json=UNDISTURBED).json()["id"])
        assert calm["attempt"] == 1
        assert losses(other, killed) == losses(client, calm["id"])
        assert last_weights(other, killed) == last_weights(client, calm["id"])


def test_signals_reach_the_process(services: Stack, client: httpx.Client) -> None:
    """`docker stop`: the trainer has its worker save and hand the job back, the API ends by itself; none is killed."""
    job = client.post("/v1/jobs", json=UNDISTURBED | {"epochs": 500}).json()["id"]
    training(client, job)
    services.run("stop", services.trainer)
    assert client.get(f"/v1/jobs/{job}").json()["status"] == "queued"
    client.post(f"/v1/jobs/{job}/cancel").raise_for_status()
    services.run("stop", services.apis[0])
    for service in (services.trainer, services.apis[0]):
        assert re.search(rf"{service}[-_]1\b.*Exit(ed)? \(?0\b", services.run("ps", "--all"))
