"""Repeated requests with an ``Idempotency-Key``: the routes beside those of jobs."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

import naivenet
from naivenet import to_safetensors
from tests.servers import Json, job_where, start_job, training
from tests.stored import notebook_weights

DOCUMENT = Path(__file__).parents[2] / "compatibility" / "openapi.json"


def twice(client: httpx2.Client, path: str, **options: Any) -> list[Json]:
    """Send a request twice with the same key; return both responses, which must have the same status."""
    headers = {"Idempotency-Key": f"POST {path}"}
    answers = [client.post(path, headers=headers, **options) for _ in range(2)]
    assert answers[0].is_success, answers[0].text
    assert answers[0].status_code == answers[1].status_code
    assert answers[0].headers.get("Location") == answers[1].headers.get("Location")
    return [answer.json() for answer in answers]


@pytest.fixture
def hook(client: httpx2.Client) -> Iterator[Json]:
    """A webhook that was registered twice with the same key."""
    made = twice(client, "/v1/webhooks", json={"url": "https://example.com"})
    assert made[0] == made[1]
    yield made[0]
    client.delete(f"/v1/webhooks/{made[0]['id']}")


def test_webhooks_and_their_tests(client: httpx2.Client, hook: Json) -> None:
    """One webhook, with its secret in both responses, and one delivery; another body with the key is a conflict."""
    first, second = twice(client, f"/v1/webhooks/{hook['id']}/test")
    assert first["id"] == second["id"]
    headers = {"Idempotency-Key": "POST /v1/webhooks"}
    answer = client.post("/v1/webhooks", headers=headers, json={"url": "https://example.com/other"})
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_conflict")


def test_uploads_and_versions(client: httpx2.Client) -> None:
    """One checkpoint, though the form has another boundary each time, and one version of it."""

    def upload(weights: bytes) -> httpx2.Response:
        files = {"weights": ("weights", io.BytesIO(weights))}
        return client.post("/v1/checkpoints", headers={"Idempotency-Key": "upload"}, files=files)

    weights = to_safetensors(notebook_weights())
    first, second = upload(weights).json(), upload(weights).json()
    assert first == second
    other = to_safetensors(naivenet.NOTEBOOK_NETWORK.with_weights([w + 1 for w in notebook_weights().weights]))
    assert upload(other).json()["code"] == "idempotency_conflict"
    versions = twice(client, "/v1/models/repeated/versions", json={"checkpoint_id": first["id"]})
    assert versions[0] == versions[1]
    assert len(client.get("/v1/models/repeated").json()["versions"]) == 1


def test_a_running_job_is_saved_once(client: httpx2.Client) -> None:
    """A repeated request returns the first checkpoint, though the job has trained on."""
    job_id = start_job(client, epochs=1000)
    training(client, job_id)
    first, second = twice(client, f"/v1/jobs/{job_id}/checkpoints")
    assert first == second
    job_where(client, job_id, lambda job: job["progress"]["step"] > first["step"])
    assert client.post(f"/v1/jobs/{job_id}/checkpoints").json()["step"] > first["step"]
    client.post(f"/v1/jobs/{job_id}/cancel")


def test_every_route_that_creates_something_takes_a_key() -> None:
    """Each POST whose response is 201 or 202 has the header in the OpenAPI document."""
    paths = json.loads(DOCUMENT.read_text())["paths"]
    posts = {path: operations["post"] for path, operations in paths.items() if "post" in operations}
    creating = {path: each for path, each in posts.items() if {"201", "202"} & each["responses"].keys()}
    keyed = {
        path for path, each in creating.items() if "idempotency-key" in {p["name"] for p in each.get("parameters", ())}
    }
    assert creating.keys() == keyed
