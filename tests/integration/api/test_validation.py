"""The check of a job's body, which creates no job."""

import httpx2

from tests.servers import Json


def test_a_resolved_configuration_can_be_posted_again(client: httpx2.Client, trained: Json) -> None:
    """A job's resolved configuration resolves to itself."""
    resolved = client.post("/v1/jobs?validate_only=true", json={"seed": 5}).json()
    assert client.post("/v1/jobs?validate_only=true", json=resolved).json() == resolved
    assert {name: trained[name] for name in resolved}.keys() == resolved.keys()


def test_validating_creates_no_job(client: httpx2.Client) -> None:
    """The response is a ``200`` with the configuration, and the list of jobs stays the same; the old way is marked."""
    before = {job["id"] for job in client.get("/v1/jobs").json()["data"]}
    answer = client.post("/v1/jobs/validate", json={"preset": "accurate", "seed": 5})
    assert (answer.status_code, answer.json()["preset"]) == (200, "accurate")
    assert "id" not in answer.json()
    old = client.post("/v1/jobs?validate_only=true", json={"preset": "accurate", "seed": 5})
    assert old.status_code == httpx2.codes.OK
    assert old.json() == {name: value for name, value in answer.json().items() if name not in {"estimate", "notes"}}
    assert "/v1/jobs/validate" in old.headers["link"]
    assert old.headers["deprecation"].startswith("@")
    assert {job["id"] for job in client.get("/v1/jobs").json()["data"]} == before


def test_validating_estimates_the_duration(client: httpx2.Client, trained: Json) -> None:
    """The estimate grows with the job, and jobs that succeeded here measure it."""
    short, long = (
        client.post("/v1/jobs/validate", json={"preset": "accurate", "epochs": epochs}).json()["estimate"]
        for epochs in (1, 100)
    )
    assert trained["status"] == "succeeded"
    assert short["measured"]
    assert 0 < short["seconds"] < long["seconds"]
