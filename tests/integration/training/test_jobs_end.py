"""Jobs in real worker processes: complete, started from other weights, or failed with a reason."""

import math
from collections.abc import Iterator

import httpx2
import numpy as np
import orjson
import pytest
import safetensors.numpy

from tests.servers import OVERFLOWING, Json, Server, finished, last_weights, losses, start_job, training, until

TRAINING_IMAGES, LONG = 2_000, {"epochs": 1000, "checkpoint_every_epochs": 1000}
WIDE = {"layers": [{"units": 10, "activation": "softmax"}]}


def epochs(client: httpx2.Client, job: Json) -> list[Json]:
    """Return the epochs of a job."""
    data: list[Json] = client.get(f"/v1/jobs/{job['id']}/history?granularity=epoch").json()["data"]
    return data


def checkpoints(client: httpx2.Client, job: Json) -> list[Json]:
    """Return the checkpoints of a job, newest first."""
    data: list[Json] = client.get(f"/v1/jobs/{job['id']}/checkpoints").json()["data"]
    return data


def test_a_complete_job_has_its_history_checkpoints_and_result(client: httpx2.Client, trained: Json) -> None:
    """It has a loss for each step, metrics and a checkpoint for each epoch, a model version, and a result."""
    assert len(losses(client, trained["id"])) == 30
    assert [epoch["step"] for epoch in epochs(client, trained)] == [15, 30]
    saved = checkpoints(client, trained)
    assert [(each["step"], each["epoch"], each["resumable"]) for each in saved] == [(30, 2, True), (15, 1, True)]
    assert saved[0]["metrics"]["test_accuracy"] == trained["result"]["test_accuracy"]
    versions = client.get("/v1/models/digits").json()["versions"]
    version = next(each for each in versions if each["version"] == trained["result"]["model_version"])
    assert version["job_id"] == trained["id"]


def test_the_same_seed_gives_the_same_bytes(client: httpx2.Client) -> None:
    """Two jobs with one seed have the same weights and losses, though their processes differ."""
    body = {"optimizer": {"momentum": 0.9}, "shuffle": True, "seed": 5, "metadata": {"one": "two"}}
    jobs = [finished(client, start_job(client, **body)) for _ in range(2)]
    first, second = (last_weights(client, job["id"]) for job in jobs)
    assert first == second
    assert losses(client, jobs[0]["id"]) == losses(client, jobs[1]["id"])


def test_weights_are_saved_while_it_trains(client: httpx2.Client) -> None:
    """A save request is answered 201 with a checkpoint of the current step, and training continues."""
    job_id = start_job(client, **LONG)
    training(client, job_id)
    answer = client.post(f"/v1/jobs/{job_id}/checkpoints")
    saved = answer.json()
    assert (answer.status_code, answer.headers["location"]) == (201, f"/v1/checkpoints/{saved['id']}")
    assert (saved["job_id"], saved["metrics"]) == (job_id, {}) or saved["step"] % 16 == 0
    assert client.get(f"/v1/jobs/{job_id}").json()["status"] == "running"
    answer = client.post(f"/v1/predict?checkpoint={saved['id']}", json={"pixels": [0] * 784})
    assert answer.status_code == httpx2.codes.OK
    client.post(f"/v1/jobs/{job_id}/cancel")


def test_saving_a_finished_job_returns_its_last_weights(client: httpx2.Client, trained: Json) -> None:
    """The response is the job's last checkpoint; no new one is written."""
    saved = client.post(f"/v1/jobs/{trained['id']}/checkpoints")
    assert (saved.status_code, saved.json()["id"]) == (201, trained["result"]["checkpoint_id"])


def test_a_job_starts_from_saved_weights(client: httpx2.Client, trained: Json) -> None:
    """Its first loss is far below that of a job that starts from random weights."""
    start = trained["result"]["checkpoint_id"]
    job = finished(client, start_job(client, init_from=start, optimizer={"name": "adam"}))
    assert (job["status"], job["init_from"]) == ("succeeded", start)
    assert losses(client, job["id"])[0] < 0.5 * losses(client, trained["id"])[0]


def test_initial_weights_of_another_network_are_rejected_at_once(client: httpx2.Client, trained: Json) -> None:
    """The request gets 422, and no job is queued."""
    answer = client.post("/v1/jobs", json={"init_from": trained["result"]["checkpoint_id"], "network": WIDE})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/init_from")


def test_the_end_of_the_training_set_is_held_out(client: httpx2.Client) -> None:
    """With half for validation there are half the steps; without a split there are no validation metrics."""
    half, none = (finished(client, start_job(client, validation_split=share, batch_size=100)) for share in (0.5, 0.0))
    assert (half["progress"]["total_steps"], none["progress"]["total_steps"]) == (10, 20)
    assert half["result"]["validation_loss"] > 0
    assert none["result"]["validation_loss"] is None


def test_checkpoints_are_saved_every_few_epochs_and_at_the_end(client: httpx2.Client) -> None:
    """With ``checkpoint_every_epochs`` of 2, epochs 2, 4 and the last have checkpoints."""
    job = finished(client, start_job(client, epochs=5, checkpoint_every_epochs=2, network=WIDE))
    assert [each["epoch"] for each in checkpoints(client, job)] == [5, 4, 2]


def test_a_job_that_diverges_fails_with_the_step(client: httpx2.Client) -> None:
    """It fails with ``diverged``, names step and learning rate, and keeps its history, the last loss included."""
    job = finished(client, start_job(client, **OVERFLOWING))
    assert (job["status"], job["error"]["code"]) == ("failed", "diverged")
    data = client.get(f"/v1/jobs/{job['id']}/history").json()["data"]
    broken = [point for point in data if point["loss"] is None]
    assert broken[0]["nonfinite"] == "nan"
    assert f"nan at step {broken[0]['step']}, with a learning rate of 100" in job["error"]["message"]
    assert math.isfinite(data[0]["loss"])


def test_an_expected_failure_is_one_line_of_the_log(client: httpx2.Client, session_server: Server) -> None:
    """The line has the code and no traceback, which only unexpected failures need."""
    job = finished(client, start_job(client, **OVERFLOWING))
    said = until(lambda: [line for line in session_server.said().splitlines() if job["id"] in line], what="a line")
    line = next(each for each in map(orjson.loads, said) if each["event"].startswith("training failed"))
    assert (line["level"], line["code"]) == ("warning", "diverged")
    assert "exception" not in line


def test_weights_broken_by_the_last_step_are_no_success(client: httpx2.Client) -> None:
    """The first loss is finite, and the weights overflow after it: the job fails."""
    job = finished(client, start_job(client, **OVERFLOWING, batch_size=TRAINING_IMAGES))
    assert (job["status"], job["error"]["code"]) == ("failed", "diverged")
    assert len(losses(client, job["id"])) == 1


@pytest.fixture
def damaged(session_server: Server) -> Iterator[str]:
    """A dataset whose file is damaged."""
    path = session_server.data_dir / "datasets" / "damaged.npz"
    images = np.full((64, 28, 28), 77, np.uint8)
    np.savez(
        path,
        **{
            f"{name}_{half}": data
            for half in ("train", "test")
            for name, data in (("x", images), ("y", np.zeros(64, np.uint8)))
        },
    )
    path.write_bytes(path.read_bytes().replace(b"\x4d\x4d", b"\x4d\x4e", 1))  # which the headers do not show
    yield "damaged"
    path.unlink()


def test_a_job_on_a_damaged_dataset_fails_with_its_name(client: httpx2.Client, damaged: str) -> None:
    """The job fails with ``dataset_unreadable``, and the message names the file."""
    job = finished(client, start_job(client, dataset=damaged))
    assert (job["status"], job["error"]["code"]) == ("failed", "dataset_unreadable")
    assert "damaged.npz" in job["error"]["message"]


def test_the_download_is_the_weight_list(client: httpx2.Client, trained: Json) -> None:
    """The file has the four arrays of the network, in their shapes."""
    url = f"/v1/checkpoints/{trained['result']['checkpoint_id']}/weights"
    arrays = safetensors.numpy.load(client.get(url).content)
    assert [arrays[name].shape for name in sorted(arrays)] == [(784, 512), (512,), (512, 10), (10,)]
    assert all(array.dtype == np.float32 and np.isfinite(array).all() for array in arrays.values())
