"""Jobs over HTTP, as the contract describes them."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import httpx2
import pytest

import naivenet
from tests.conftest import StartServer
from tests.servers import Json, finished, job_where, start_job, training

LONG = {"epochs": 1000, "checkpoint_every_epochs": 1000}


def test_a_job_is_accepted(client: httpx2.Client) -> None:
    """The response is a ``202`` with the job's location and its resolved configuration, the seed drawn."""
    answer = client.post("/v1/jobs", json={"dataset": "tiny", "epochs": 1, "name": "née"})
    job = answer.json()
    assert answer.status_code == httpx2.codes.ACCEPTED
    assert answer.headers["location"] == f"/v1/jobs/{job['id']}" == job["links"]["self"]
    assert (job["status"], job["name"], job["batch_size"], job["attempt"]) == ("queued", "née", 128, 0)
    assert isinstance(job["seed"], int)
    assert job["seed_drawn"]
    assert job["id"].startswith("job_")
    assert job["queue_position"] >= 1
    assert all(
        client.get(job["links"][name]).status_code == httpx2.codes.OK
        for name in ("self", "history", "events", "checkpoints")
    )
    client.post(job["links"]["cancel"])


@pytest.mark.parametrize("seed", [None, 0, 7])
def test_a_job_shows_whether_its_seed_was_drawn(client: httpx2.Client, seed: int | None) -> None:
    """A seed of null is drawn; one that the client gave, 0 too, is not."""
    job = client.post("/v1/jobs", json={"dataset": "tiny", "epochs": 1, "seed": seed}).json()
    assert client.get(f"/v1/jobs/{job['id']}").json()["seed_drawn"] is (seed is None)
    client.post(job["links"]["cancel"])


def test_a_job_trains_to_its_result(trained: Json) -> None:
    """A succeeded job has its progress, times and metrics."""
    assert trained["progress"] == {
        "epoch": 2,
        "step": 30,
        "total_steps": 30,
        "samples_per_second": trained["progress"]["samples_per_second"],
        "estimated_finish_at": None,
        "estimated_finish": None,
    }
    times = [datetime.fromisoformat(trained[name]) for name in ("created_at", "started_at", "finished_at")]
    assert times == sorted(times)
    assert all(each.tzinfo == UTC or each.utcoffset() == UTC.utcoffset(None) for each in times)
    result = trained["result"]
    assert result["test_accuracy"] > 0.5
    assert result["validation_accuracy"] > 0.5
    assert trained["queue_position"] is None
    assert trained["execution"]["threads"] >= 1
    assert trained["execution"]["by"] == "graph"
    assert (trained["execution"]["precision"], trained["execution"]["device"]) == ("float32", "cpu")
    assert trained["notes"] == []
    assert set(trained["execution"]["versions"]) == {"naivenet", "tensorflow", "numpy"}
    assert trained["execution"]["processor"]
    assert trained["execution"]["instruction_set"]
    assert (trained["attempt"], trained["parent_id"], trained["error"]) == (1, None, None)


def test_the_same_idempotency_key_creates_one_job(client: httpx2.Client) -> None:
    """The same key and body return the same job; another body with that key is a conflict."""
    send = {"headers": {"idempotency-key": "once"}, "json": {"dataset": "tiny", "epochs": 1, "name": "once"}}
    first, second = client.post("/v1/jobs", **send), client.post("/v1/jobs", **send)
    assert first.json()["id"] == second.json()["id"]
    assert second.status_code == httpx2.codes.ACCEPTED
    other = client.post("/v1/jobs", headers={"idempotency-key": "once"}, json={"name": "twice"})
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")
    client.post(f"/v1/jobs/{first.json()['id']}/cancel")


def test_the_order_of_fields_does_not_matter(client: httpx2.Client) -> None:
    """Bodies with the same fields in another order count as the same."""
    bodies = ['{"name": "a", "dataset": "tiny"}', '{"dataset":"tiny","name":"a"}']
    headers = {"idempotency-key": "order", "content-type": "application/json"}
    ids = {client.post("/v1/jobs", content=body, headers=headers).json()["id"] for body in bodies}
    assert len(ids) == 1
    client.post(f"/v1/jobs/{ids.pop()}/cancel")


def test_jobs_are_listed(client: httpx2.Client, trained: Json) -> None:
    """Jobs are filtered by status, group and metadata; a filter without matches returns an empty list."""
    for query in (
        "status=succeeded&group=shared",
        "group=shared",
        "metadata[course]=spring",
        "metadata[course]=spring&limit=100",
    ):
        assert trained["id"] in [job["id"] for job in client.get(f"/v1/jobs?{query}").json()["data"]]
    for query in ("status=failed&group=shared", "metadata[course]=winter", "group=", "metadata[none]=x"):
        assert client.get(f"/v1/jobs?{query}").json() == {"data": [], "has_more": False, "next_after": None}


def test_pages_of_jobs_do_not_overlap(client: httpx2.Client, trained: Json) -> None:
    """``after`` with the last id continues where the page ended, newest first."""
    ids = [client.post(f"/v1/jobs/{start_job(client, group='pages')}/cancel").json()["id"] for _ in range(3)]
    first = client.get("/v1/jobs?group=pages&limit=2").json()
    second = client.get(f"/v1/jobs?group=pages&limit=2&after={first['data'][-1]['id']}").json()
    assert [job["id"] for job in first["data"] + second["data"]] == ids[::-1]
    assert (first["has_more"], second["has_more"]) == (True, False)


@pytest.mark.parametrize("path", ["/v1/jobs", "/v1/checkpoints", "/v1/jobs/{job}/checkpoints"])
def test_an_unknown_cursor_is_refused(client: httpx2.Client, trained: Json, path: str) -> None:
    """It would give the first page again, without end. The id of a deleted job is still a place in the list."""
    for after in ("nonsense", "zzz", f"{trained['id']}x", "job_", trained["id"].replace("job_", "run_")):
        refused = client.get(path.format(job=trained["id"]), params={"after": after})
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "query/after")
        assert repr(after) in refused.json()["detail"]
    job_id = finished(client, start_job(client))["id"]
    assert client.delete(f"/v1/jobs/{job_id}").is_success
    assert client.get("/v1/jobs", params={"after": job_id}).json()["data"][0]["id"] < job_id


@pytest.mark.parametrize("kind", ["job", "checkpoint", "model"])
def test_polling_costs_a_304(client: httpx2.Client, trained: Json, kind: str) -> None:
    """What has not changed since the ETag is not sent again."""
    paths = {
        "job": f"/v1/jobs/{trained['id']}",
        "checkpoint": f"/v1/checkpoints/{trained['result']['checkpoint_id']}",
        "model": "/v1/models/digits",
    }
    first = client.get(paths[kind])
    again = client.get(paths[kind], headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (httpx2.codes.NOT_MODIFIED, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert client.get(paths[kind], headers={"if-none-match": '"other"'}).json() == first.json()


@pytest.mark.parametrize(("query", "headers"), [("?wait=60", {}), ("", {"prefer": "wait=60"})])
def test_a_request_can_wait_for_another_status(client: httpx2.Client, query: str, headers: dict[str, str]) -> None:
    """It is answered when the status changes, not when its time is over; progress alone does not end it."""
    job_id = start_job(client, **LONG)
    training(client, job_id)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(client.get, f"/v1/jobs/{job_id}{query}", headers=headers)
        with pytest.raises(TimeoutError):
            waiting.result(1)
        client.post(f"/v1/jobs/{job_id}/cancel")
        answer = waiting.result()
    assert answer.json()["status"] in {"cancelling", "cancelled"}
    assert answer.headers.get("preference-applied") == ("wait=60" if headers else None)


def test_a_wait_ends_with_its_time_or_with_the_job(client: httpx2.Client, trained: Json) -> None:
    """Without a change it is the job as it is; an ended job is answered at once, and an unknown one is a 404."""
    began = time.monotonic()
    assert client.get(f"/v1/jobs/{trained['id']}?wait=60").json()["status"] == "succeeded"
    assert time.monotonic() - began < 30
    job_id = start_job(client, **LONG)
    training(client, job_id)
    assert client.get(f"/v1/jobs/{job_id}?wait=0.2").json()["status"] == "running"
    client.post(f"/v1/jobs/{job_id}/cancel")
    assert client.get("/v1/jobs/job_none?wait=5").status_code == httpx2.codes.NOT_FOUND
    assert client.get(f"/v1/jobs/{job_id}?wait=61").status_code == httpx2.codes.UNPROCESSABLE_CONTENT


def test_a_change_can_depend_on_what_was_read(client: httpx2.Client, trained: Json) -> None:
    """With `If-Match`, the second of two clients that read the same job changes nothing, and reads it again."""
    job_id = finished(client, start_job(client))["id"]
    path = f"/v1/jobs/{job_id}"
    read = {"if-match": client.get(path).headers["etag"]}
    changed = client.patch(path, json={"name": "first"}, headers=read)
    assert changed.json()["name"] == "first"
    refused = client.patch(path, json={"name": "second"}, headers=read)
    assert (refused.status_code, refused.json()["code"]) == (412, "precondition_failed")
    assert client.get(path).json()["name"] == "first"
    for current in (changed.headers["etag"], "*"):
        assert client.patch(path, json={"name": "third"}, headers={"if-match": current}).is_success


def test_a_training_job_is_cancelled(client: httpx2.Client) -> None:
    """It ends soon; a second request changes nothing; its history stays."""
    job_id = start_job(client, **LONG)
    training(client, job_id)
    assert client.post(f"/v1/jobs/{job_id}/cancel").json()["status"] == "cancelling"
    job = finished(client, job_id)
    assert (job["status"], job["result"]) == ("cancelled", None)
    assert client.post(f"/v1/jobs/{job_id}/cancel").json() == job
    assert client.get(f"/v1/jobs/{job_id}/history").json()["total_points"] == job["progress"]["step"] > 0


def test_a_succeeded_job_cannot_be_cancelled(client: httpx2.Client, trained: Json) -> None:
    """The response is a ``409`` that names the status."""
    answer = client.post(f"/v1/jobs/{trained['id']}/cancel")
    assert (answer.status_code, answer.json()["code"]) == (409, "invalid_transition")
    assert "succeeded" in answer.json()["detail"]


def test_only_an_ended_job_is_deleted(client: httpx2.Client) -> None:
    """The response is ``409`` before the end and ``204`` after; then the job and its parts are ``404``."""
    job_id = start_job(client, **LONG)
    training(client, job_id)
    checkpoint_id = client.post(f"/v1/jobs/{job_id}/checkpoints").json()["id"]
    refused = client.delete(f"/v1/jobs/{job_id}")
    assert (refused.status_code, refused.json()["code"]) == (409, "invalid_transition")
    client.post(f"/v1/jobs/{job_id}/cancel")
    finished(client, job_id)
    assert client.delete(f"/v1/jobs/{job_id}").status_code == httpx2.codes.NO_CONTENT
    for path in (f"/v1/jobs/{job_id}", f"/v1/jobs/{job_id}/history", f"/v1/checkpoints/{checkpoint_id}"):
        assert client.get(path).status_code == httpx2.codes.NOT_FOUND


def test_other_requests_are_fast_while_a_job_trains(client: httpx2.Client, trained: Json) -> None:
    """Polls and predictions take moments, not as long as an epoch."""
    job_id = start_job(client, **LONG)
    training(client, job_id)
    began = time.monotonic()
    for _ in range(20):
        assert client.get(f"/v1/jobs/{job_id}").json()["status"] == "running"
        assert client.post("/v1/predict", json={"pixels": [0] * 784}).status_code == httpx2.codes.OK
    assert time.monotonic() - began < 10
    client.post(f"/v1/jobs/{job_id}/cancel")


def test_a_queued_job_has_an_estimated_start(client: httpx2.Client, trained: Json) -> None:
    """Behind jobs that run for a known time, the start is estimated; it is null again when the job does not wait."""
    running = [start_job(client, **LONG) for _ in range(2)]
    for job_id in running:
        job_where(client, job_id, lambda job: job["progress"]["estimated_finish"])
    job = client.get(f"/v1/jobs/{start_job(client)}").json()
    paused = client.post(job["links"]["pause"]).json()
    for job_id in (*running, job["id"]):
        client.post(f"/v1/jobs/{job_id}/cancel")
    assert job["queue_position"] == 1
    assert job["estimated_start_at"] == job["estimated_start"]
    assert datetime.fromisoformat(job["estimated_start_at"]) > datetime.fromisoformat(job["created_at"])
    assert (paused["queue_position"], paused["estimated_start_at"]) == (None, None)
    assert trained["estimated_start"] is None


def test_a_running_job_has_an_estimated_finish(client: httpx2.Client) -> None:
    """It is a time in RFC 3339, in the future."""
    job_id = start_job(client, **LONG)
    job = job_where(client, job_id, lambda job: job["progress"]["estimated_finish"])
    assert datetime.fromisoformat(job["progress"]["estimated_finish"]) > datetime.fromisoformat(job["started_at"])
    client.post(f"/v1/jobs/{job_id}/cancel")


def test_a_full_queue(start_server: StartServer) -> None:
    """A further job is a ``429`` with ``Retry-After``; cancelling a queued job makes room."""
    with start_server(max_queued_jobs=1, trainer=False, shipped_network=False).client() as client:
        waiting = start_job(client)
        answer = client.post("/v1/jobs", json={})
        assert (answer.status_code, answer.json()["code"]) == (429, "queue_full")
        assert int(answer.headers["retry-after"]) > 0
        assert client.post(f"/v1/jobs/{waiting}/cancel").json()["status"] == "cancelled"
        start_job(client)
        assert client.get("/health/ready").json()["trainer"] == "elsewhere"
        refused = client.post(f"/v1/jobs/{client.get('/v1/jobs').json()['data'][0]['id']}/checkpoints")
        assert (refused.status_code, refused.json()["code"]) == (409, "invalid_transition")
        nothing = client.post("/v1/predict", json={"pixels": [0] * 784})
        assert (nothing.status_code, nothing.json()["code"]) == (409, "nothing_to_serve")


@pytest.mark.parametrize("accept", ["application/json", "*/*", None])
def test_options_are_enough_for_a_form(client: httpx2.Client, accept: str | None) -> None:
    """Each option has its parameters with ranges and defaults; every available dataset is listed."""
    options = client.get("/v1/options", headers={"accept": accept} if accept else {}).json()
    assert {"relu", "softmax", "tanh"} <= set(options["activations"])
    assert {"sgd", "adam", "adamw", "rmsprop", "adagrad", "nadam"} <= {each["name"] for each in options["optimizers"]}
    assert {"zeros", "ones", "orthogonal"} <= {each["name"] for each in options["initializers"]}
    assert options["datasets"] == ["mnist", "tiny"]
    assert set(options["presets"]) == {"notebook", "accurate", "robust"}
    sgd = next(each for each in options["optimizers"] if each["name"] == "sgd")
    rate = next(each for each in sgd["parameters"] if each["name"] == "learning_rate")
    assert (rate["default"], rate["minimum"]) == (0.001, 0.0)
    native = naivenet.computes_bfloat16()
    assert options["precisions"] == [{"name": "float32", "native": True}, {"name": "bfloat16", "native": native}]


def test_a_job_in_bfloat16_says_beforehand_whether_the_processor_has_it(client: httpx2.Client) -> None:
    """The checked configuration and the queued job have the note; the job that has trained has its precision, too."""
    body = {"dataset": "tiny", "epochs": 1, "seed": 1, "precision": "bfloat16"}
    codes = [] if naivenet.computes_bfloat16() else ["no_bfloat16"]
    checked = client.post("/v1/jobs/validate", json=body).json()
    assert (checked["precision"], [each["code"] for each in checked["notes"]]) == ("bfloat16", codes)
    job = finished(client, client.post("/v1/jobs", json=body).json()["id"])
    assert [each["code"] for each in job["notes"]] == codes
    assert (job["status"], job["execution"]["precision"], job["execution"]["by"]) == ("succeeded", "bfloat16", "graph")
    refused = client.post("/v1/jobs/validate", json=body | {"precision": "float16"})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/precision")


def test_a_fork_may_have_another_precision(client: httpx2.Client, trained: Json) -> None:
    """A fork is a run of its own, from the job's last weights."""
    fork = client.post(f"/v1/jobs/{trained['id']}/fork", json={"precision": "bfloat16"}).json()
    assert (fork["precision"], fork["init_from"]) == ("bfloat16", trained["result"]["checkpoint_id"])
    client.post(fork["links"]["cancel"])
