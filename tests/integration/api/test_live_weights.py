"""Predictions by the newest weights of a running job."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest

from tests.conftest import StartServer
from tests.servers import Json, finished, last_weights, losses, start_job, training, until

PIXELS = {"pixels": [[0] * 13 + [255 if 4 <= row < 24 else 0] * 3 + [0] * 12 for row in range(28)]}
LONG = {"epochs": 1000, "checkpoint_every_epochs": 1000}


def predicted(client: httpx2.Client, job_id: str) -> Json:
    """A prediction by the job's weights."""
    answer = client.post(f"/v1/jobs/{job_id}/predict", json=PIXELS)
    assert answer.status_code == 200, answer.text
    prediction: Json = answer.json()
    return prediction


def test_a_running_job_answers_with_its_newest_weights(client: httpx2.Client) -> None:
    """It answers before its first checkpoint, and its weights are never much older than its current step."""
    job_id = start_job(client, **LONG)
    training(client, job_id)
    first = predicted(client, job_id)
    assert (first["job_id"], first["checkpoint_id"], first["model"]) == (job_id, None, None)
    assert first["step"] > 0

    def is_newer() -> Json | None:
        latest = client.post("/v1/predict", params={"job": job_id, "top_k": 1}, json=PIXELS).json()
        return latest if latest["step"] > first["step"] else None

    began = time.monotonic()
    newer = until(is_newer, what="newer weights")
    assert time.monotonic() - began < 5  # a second, and what a busy machine adds
    assert len(newer["top_k"]) == 1
    client.post(f"/v1/jobs/{job_id}/cancel")
    finished(client, job_id)


def test_concurrent_requests_are_all_answered(client: httpx2.Client) -> None:
    """They share one lookup of the weights."""
    job_id = start_job(client, **LONG)
    training(client, job_id)
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: predicted(client, job_id), range(64)))
    assert {each["job_id"] for each in answers} == {job_id}
    client.post(f"/v1/jobs/{job_id}/cancel")
    finished(client, job_id)


def test_a_finished_job_answers_from_its_last_checkpoint(client: httpx2.Client, trained: Json) -> None:
    """The response names the checkpoint and the step."""
    prediction = predicted(client, trained["id"])
    assert prediction["checkpoint_id"] == trained["result"]["checkpoint_id"]
    assert prediction["step"] == trained["progress"]["step"]
    by_checkpoint = client.post("/v1/predict", params={"checkpoint": prediction["checkpoint_id"]}, json=PIXELS).json()
    assert prediction["probabilities"] == by_checkpoint["probabilities"]


def test_a_queued_job_has_no_weights(start_server: StartServer) -> None:
    """The response is a 409 that says so."""
    server = start_server(trainer=False)
    with server.client() as client:
        answer = client.post(f"/v1/jobs/{start_job(client)}/predict", json=PIXELS)
    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_to_serve")


def test_an_unknown_job_is_not_found(client: httpx2.Client) -> None:
    """The response is a 404, by path and by query."""
    assert client.post("/v1/jobs/job_none/predict", json=PIXELS).status_code == 404
    assert client.post("/v1/predict?job=job_none", json=PIXELS).status_code == 404


@pytest.mark.parametrize("other", ["alias=live", "version=1", "checkpoint=ckpt_none"])
def test_only_one_source_of_weights_is_accepted(client: httpx2.Client, other: str) -> None:
    """A job together with an alias, a version or a checkpoint is a 422."""
    assert client.post(f"/v1/predict?job=job_none&{other}", json=PIXELS).status_code == 422


def test_snapshots_are_written_only_while_they_are_requested(start_server: StartServer) -> None:
    """There is none before the first request and none after the job; they change no byte of the result."""
    server = start_server(max_running_jobs=1)
    shown = Path(server.data_dir) / "checkpoints"
    with server.client() as client:
        unwatched = start_job(client, epochs=40)
        training(client, unwatched)
        assert finished(client, unwatched)["status"] == "succeeded"
        watched = start_job(client, epochs=40)
        training(client, watched)
        assert list(shown.glob("live-*")) == []
        assert predicted(client, watched)["job_id"] == watched
        assert finished(client, watched)["status"] == "succeeded"
        assert until(lambda: not list(shown.glob("live-*")), what="the snapshot to go")
        assert losses(client, watched) == losses(client, unwatched)
        assert last_weights(client, watched) == last_weights(client, unwatched)
