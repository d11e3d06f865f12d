"""Objects that were not read yet, and the hook that receives responses."""

import copy
import json
from collections.abc import Callable

import pytest

from naivenet_client import Client, NotFound
from naivenet_client._sync.jobs import Jobs
from naivenet_client.schemas.jobs import JobFields
from tests.unit.client.conftest import Answer, Scripted


def test_a_reference_acts_without_a_read(scripted: Scripted) -> None:
    """`ref` sends no request: a key that may delete a job needs no right to read it."""
    scripted.answers = [Answer(status=204, body=b"")]
    with Client(scripted.url) as client:
        client.jobs.ref("job_1").delete()
    assert [(method, path) for method, path, _ in scripted.requests] == [("DELETE", "/v1/jobs/job_1")]


def test_a_reference_is_one_segment_of_a_path(scripted: Scripted) -> None:
    """An id with a slash cannot reach another route."""
    scripted.answers = [Answer(status=204, body=b"")]
    with Client(scripted.url) as client:
        client.jobs.ref("../webhooks/hook_1").delete()
    assert scripted.requests[0][1] == "/v1/jobs/..%2Fwebhooks%2Fhook_1"


def test_each_successful_response_is_given_to_the_hook(scripted: Scripted) -> None:
    """`on_response` receives each response as it came, with fields that this client does not know, but no errors."""
    scripted.answers = [Answer(status=503), Answer(body=b'{"status": "ready", "news": 1}')]
    bodies: list[bytes] = []
    with Client(scripted.url, on_response=lambda response: bodies.append(response.content)) as client:
        client.metrics()
    assert bodies == [b'{"status": "ready", "news": 1}']


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.jobs.get(""),
        lambda client: client.jobs.ref(""),
        lambda client: client.checkpoints.get(""),
        lambda client: client.models.delete_alias("digits", ""),
    ],
)
def test_an_empty_id_is_not_found(scripted: Scripted, call: Callable[[Client], object]) -> None:
    """Without an id, the path would be that of another route: nothing is sent."""
    with Client(scripted.url) as client, pytest.raises(NotFound, match="empty"):
        call(client)
    assert scripted.requests == []


def test_a_copy_says_that_it_has_no_client(scripted: Scripted) -> None:
    """A job that was copied or pickled keeps its fields, and cannot send requests."""
    body = {"id": "job_1", "status": "queued", "created_at": "2026-01-01T00:00:00Z", "epochs": 3, "batch_size": 128}
    config = {"dataset": "mnist", "network": {"layers": []}, "optimizer": {"name": "sgd"}}
    scripted.answers = [Answer(body=json.dumps(body | config).encode())]
    with Client(scripted.url) as client:
        copied = copy.deepcopy(client.jobs.get("job_1"))
    assert copied.status == "queued"
    with pytest.raises(RuntimeError, match=r"job_1.*read it again"):
        copied.refresh()


def test_a_list_says_how_it_is_read(scripted: Scripted) -> None:
    """Typed into a console, a list names its path and the two ways to read it, and sends nothing."""
    with Client(scripted.url) as client:
        assert repr(client.jobs.list()) == "</v1/jobs: iterate over it, or call all()>"
    assert scripted.requests == []


def test_the_fields_of_a_job_are_described() -> None:
    """`help(client.jobs.create)` names every field of a job, and `JobFields` describes it."""
    for field in JobFields.__annotations__:
        assert f"`{field}`" in (Jobs.create.__doc__ or "")
        assert f"        {field}: " in (JobFields.__doc__ or "")
