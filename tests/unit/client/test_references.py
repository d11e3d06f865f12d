"""Objects that were not read yet, and the hook that receives responses."""

from naivenet_client import Client
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
