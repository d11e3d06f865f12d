"""A data folder and a backup of version 0.1.0 are read by the present code, and jobs in them go on."""

import hashlib
from collections.abc import Iterator
from http import HTTPStatus

import httpx2
import numpy as np
import pytest

from tests.compatibility.old_service import (
    DATASETS,
    RECORDED,
    client_of,
    copy_data_folder,
    differences,
    restore_backup,
    start_on,
)
from tests.servers import finished, losses

#: Another processor may round another way; a lost optimizer state changes the losses a hundred times as much.
ROUNDING = 1e-4

SOURCES = {"data folder": copy_data_folder, "backup": restore_backup}
JOBS = RECORDED["jobs"]


@pytest.fixture(scope="module", params=SOURCES)
def old(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx2.Client]:
    """Speaks to a service on the old data, where no trainer changes anything."""
    folder = tmp_path_factory.mktemp("old")
    SOURCES[request.param](folder)
    server = start_on(folder, trainer=False)
    with client_of(server) as client:
        yield client
    server.stop()


@pytest.mark.parametrize("path", RECORDED["answers"])
def test_every_answer_is_as_before(old: httpx2.Client, path: str) -> None:
    """Jobs, histories, events, checkpoints, models, webhooks and deliveries have every field and value they had."""
    answer = old.get(path)
    assert answer.status_code == HTTPStatus.OK, answer.text
    assert differences(RECORDED["answers"][path], answer.json()) == []


@pytest.mark.parametrize("checkpoint_id", RECORDED["weights"])
def test_weights_have_the_same_bytes(old: httpx2.Client, checkpoint_id: str) -> None:
    """Both formats that the service writes without TensorFlow have the digests they had."""
    digests = RECORDED["weights"][checkpoint_id]
    answers = {name: old.get(f"/v1/checkpoints/{checkpoint_id}/weights", params={"format": name}) for name in digests}
    assert {name: hashlib.sha256(answer.content).hexdigest() for name, answer in answers.items()} == digests


@pytest.mark.parametrize("query", RECORDED["predictions"])
def test_predictions_are_the_same(old: httpx2.Client, query: str) -> None:
    """Every way to choose the weights leads to the same ones: the alias set by hand, a version, a checkpoint, a job."""
    recorded = RECORDED["predictions"][query]
    with np.load(DATASETS / "small.npz") as small:
        pixels = small["x_test"][0].tolist()
    answer = old.post(f"/v1/predict?{query}", json={"pixels": pixels}).json()
    assert answer["probabilities"] == pytest.approx(recorded["probabilities"], rel=ROUNDING)
    names = ("digit", "model", "version", "checkpoint_id", "input")
    assert differences({name: recorded[name] for name in names}, answer) == []


def test_old_keys_hold_or_stay_revoked(old: httpx2.Client) -> None:
    """The admin key opens every other test here; the revoked one, and no key at all, open nothing."""
    revoked = old.get("/v1/jobs", headers={"authorization": f"Bearer {RECORDED['keys']['revoked']}"})
    none = httpx2.get(old.base_url.join("/v1/jobs"))
    assert (revoked.status_code, none.status_code) == (HTTPStatus.UNAUTHORIZED, HTTPStatus.UNAUTHORIZED)


def test_an_old_idempotency_key_still_names_its_job(old: httpx2.Client) -> None:
    """The same request has the same digest as before: it queues no second job."""
    request = RECORDED["idempotent_request"]
    answer = old.post("/v1/jobs", json=request["body"], headers={"idempotency-key": request["key"]})
    assert (answer.status_code, answer.json()["id"]) == (HTTPStatus.ACCEPTED, request["job"])


@pytest.fixture(scope="module")
def continued(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx2.Client]:
    """Speaks to a service that trains on, in a copy of the old data folder, with its paused job resumed."""
    folder = tmp_path_factory.mktemp("continued")
    copy_data_folder(folder)
    server = start_on(folder, worker_timeout_s=5)
    with client_of(server) as client:
        client.post(f"/v1/jobs/{JOBS['paused']}/resume").raise_for_status()
        yield client
    server.stop()


@pytest.mark.parametrize("name", RECORDED["continued"])
def test_an_unfinished_job_ends_as_it_would_have(continued: httpx2.Client, name: str) -> None:
    """A job that was paused, killed or queued under the old code ends with the losses of the old code."""
    recorded = RECORDED["continued"][name]
    job = finished(continued, JOBS[name])
    assert job["status"] == "succeeded", job["error"]
    assert job["attempt"] >= recorded["attempt"]
    assert losses(continued, JOBS[name]) == pytest.approx(recorded["losses"], rel=ROUNDING)
    metrics = {metric: job["result"][metric] for metric in recorded["metrics"]}
    assert metrics == pytest.approx(recorded["metrics"], rel=ROUNDING)
    assert job["result"]["stopped_epoch"] == recorded["stopped_epoch"]


@pytest.mark.parametrize("name", RECORDED["continued"])
def test_a_continued_job_repeats_no_diagnostic(continued: httpx2.Client, name: str) -> None:
    """The old training state remembers what was reported: the half-dead layer of the killed job is reported once."""
    finished(continued, JOBS[name])
    events = continued.get(f"/v1/jobs/{JOBS[name]}/events", params={"limit": 1000}).json()["data"]
    data = [event["data"] for event in events if event["type"] == "diagnostic"]
    assert [[each["code"], each["layer"], each["epoch"]] for each in data] == RECORDED["continued"][name]["diagnostics"]
