"""Recorded steps over HTTP."""

import base64
import io

import httpx2
import pytest
from PIL import Image

from tests.servers import Json, finished, start_job


@pytest.fixture(scope="module")
def job(client: httpx2.Client) -> Json:
    """A finished job that has recorded two steps."""
    return finished(client, start_job(client, epochs=1, record_steps=2))


def test_a_step_shows_pictures_predictions_and_updates(client: httpx2.Client, job: Json) -> None:
    """Its pictures are 28×28 PNGs, its losses average to the loss of the history, and its code is the real function."""
    path = f"/v1/jobs/{job['id']}"
    assert client.get(f"{path}/steps").json() == {"data": [1, 2]}
    step = client.get(f"{path}/steps/2").json()
    (_, loss) = (point["loss"] for point in client.get(f"{path}/history").json()["data"][:2])
    assert step["loss"] == pytest.approx(loss, rel=1e-6)
    assert sum(step["losses"]) / len(step["losses"]) == pytest.approx(loss, rel=1e-5)
    for sample in step["samples"]:
        picture = Image.open(io.BytesIO(base64.b64decode(sample["png"].partition(",")[2])))
        assert (picture.size, picture.mode) == ((28, 28), "L")
        assert sample["prediction"] == max(range(10), key=sample["probabilities"].__getitem__)
    names = [(weight["layer"], weight["name"]) for weight in step["weights"]]
    assert names == [(layer, name) for layer in range(len(job["network"]["layers"])) for name in ("W", "b")]
    assert "def one_training_step(" in step["code"]
    assert "nonfinite" not in step


@pytest.mark.parametrize(("step", "status"), [("3", 404), ("0", 422), ("first", 422)])
def test_a_step_that_is_not_recorded_is_an_error(client: httpx2.Client, job: Json, step: str, status: int) -> None:
    """A later step is not found, and a number below 1 is refused."""
    answer = client.get(f"/v1/jobs/{job['id']}/steps/{step}")
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


def test_a_job_that_records_nothing_has_an_empty_list(client: httpx2.Client, trained: Json) -> None:
    """The default is `record_steps: 0`. A job that does not exist is not found."""
    assert trained["record_steps"] == 0
    assert client.get(f"/v1/jobs/{trained['id']}/steps").json() == {"data": []}
    assert client.get("/v1/jobs/job_none/steps").status_code == httpx2.codes.NOT_FOUND


def test_at_most_fifty_steps_are_recorded(client: httpx2.Client) -> None:
    """The error names the field and the limit."""
    answer = client.post("/v1/jobs/validate", json={"record_steps": 51})
    (error,) = answer.json()["errors"]
    assert (error["pointer"], error["message"]) == ("/record_steps", "It must be 50 or less.")
