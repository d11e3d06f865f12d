"""The event stream is read whatever way its bytes arrive, and opened again when it breaks."""

import json
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from naivenet_client import DiagnosticEvent, Event, NotFound, StepsEvent, Unauthorized, UnexpectedResponse, Unreachable
from naivenet_client._sync.following import Follower
from naivenet_client._sync.http import Http
from naivenet_client.connection import Connection
from naivenet_client.schemas.events import event_of
from tests.unit.client.conftest import Answer, Scripted

STREAM = {"Content-Type": "text/event-stream"}
STEPS = {"first_step": 1, "epoch": 1, "losses": [1.5, None]}
LOG = [
    {"number": 1, "type": "status", "at": "2026-01-01T00:00:00Z", "data": {"status": "running", "attempt": 1}},
    {
        "number": 2,
        "type": "steps",
        "at": "2026-01-01T00:00:01Z",
        "data": {"first_step": 1, "epoch": 1, "losses": [1.5, None]},
    },
    {"number": 3, "type": "newer", "at": "2026-01-01T00:00:02Z", "data": {"text": "é\u2028\u0085ñ"}},
    {"number": 4, "type": "status", "at": "2026-01-01T00:00:03Z", "data": {"status": "succeeded", "attempt": 1}},
]


def frames(numbers: range) -> bytes:
    """These events as the service sends them, with its retry line and a keep-alive."""
    chosen = [LOG[number - 1] for number in numbers]
    sent = [f"id: {e['number']}\nevent: {e['type']}\ndata: {json.dumps(e, ensure_ascii=False)}\n\n" for e in chosen]
    return b"retry: 1000\n" + b": keep-alive\n\n".join(each.encode() for each in sent)


def page(*, status: str) -> Answer:
    """An empty page of the log of a job with this status."""
    return Answer(body=json.dumps({"data": [], "status": status}).encode())


def follow(url: str, *, patience: float = 300.0) -> Iterator[Event]:
    """Yield the events of a job at this address."""
    http = Http(Connection.of(url, None, timeout=5, retries=0))
    with closing(http):
        yield from Follower(http=http, job_id="job_1", after=0, patience=patience).events()


class _Chunks(httpx2.SyncByteStream):
    def __init__(self, chunks: list[bytes]) -> None:
        self._chunks = chunks

    def __iter__(self) -> Iterator[bytes]:
        yield from self._chunks


@given(st.lists(st.integers(0, len(frames(range(1, 5)))), max_size=12), st.sampled_from([b"\n", b"\r\n", b"\r"]))
def test_any_chunks_give_the_same_events(cuts: list[int], newline: bytes) -> None:
    """However the network cuts the stream, and whatever ends its lines, the events are the same."""
    sent = frames(range(1, 5)).replace(b"\n", newline)
    places = [0, *sorted(cuts), len(sent)]
    chunks = [sent[start:end] for start, end in pairwise(places)]

    def handle(request: httpx2.Request) -> httpx2.Response:
        if request.headers["accept"] == "text/event-stream":
            return httpx2.Response(200, headers=STREAM, stream=_Chunks(chunks))
        return httpx2.Response(200, content=page(status="succeeded").body)

    transport = httpx2.MockTransport(handle)
    pool = httpx2.Client(transport=transport, base_url="http://example.com", trust_env=False)
    http = Http(Connection.of(None, None, timeout=5, retries=0), pool)
    read = Follower(http=http, job_id="job_1", after=0, patience=0).events()
    assert list(read) == [event_of(json.dumps(each)) for each in LOG]


def test_a_broken_stream_continues_after_its_last_event(scripted: Scripted) -> None:
    """A stream that ends in the middle of an event is opened again by number; nothing is missing or doubled."""
    half = frames(range(1, 4))[:-10]
    scripted.answers = [
        Answer(body=half, headers=STREAM, breaks=True),
        Answer(status=503, headers={"Retry-After": "0"}),
        Answer(status=502, body=b"<html>", headers={"Retry-After": "0"}),
        Answer(body=frames(range(2, 5)), headers=STREAM),
        page(status="succeeded"),
    ]
    assert [event.number for event in follow(scripted.url)] == [1, 2, 3, 4]
    streams = [headers for _, _, headers in scripted.requests if headers["accept"] == "text/event-stream"]
    assert [each["last-event-id"] for each in streams] == ["0", "2", "2", "2"]


def test_a_stream_that_the_service_closes_is_opened_again(scripted: Scripted) -> None:
    """A stream that ends before the job has ended is opened again: the service was stopping."""
    first, second = Answer(body=frames(range(1, 3)), headers=STREAM), Answer(body=frames(range(3, 5)), headers=STREAM)
    scripted.answers = [first, page(status="running"), second, page(status="succeeded")]
    assert [event.number for event in follow(scripted.url)] == [1, 2, 3, 4]


def test_a_stream_that_has_nothing_left_ends_the_iteration(scripted: Scripted) -> None:
    """A stream that breaks after its last event is opened again, and a 204 says that the job has ended."""
    sent = Answer(body=frames(range(1, 5)), headers=STREAM, breaks=True)
    scripted.answers = [sent, Answer(status=204), page(status="succeeded")]
    assert [event.number for event in follow(scripted.url)] == [1, 2, 3, 4]


@pytest.mark.parametrize(("status", "error"), [(404, NotFound), (401, Unauthorized)])
def test_lasting_errors_end_the_iteration(scripted: Scripted, status: int, error: type[Exception]) -> None:
    """A deleted job and a key that is not valid any more are raised."""
    scripted.answers = [Answer(body=frames(range(1, 3)), headers=STREAM), Answer(status=status)]
    with pytest.raises(error):
        list(follow(scripted.url))


def test_patience_ends(scripted: Scripted) -> None:
    """Without patience, a broken connection is raised after the events that came."""
    scripted.answers = [Answer(body=frames(range(1, 3)), headers=STREAM, breaks=True)]
    read: list[Event] = []
    with pytest.raises(Unreachable):
        read.extend(follow(scripted.url, patience=0))
    assert len(scripted.requests) <= 2


def test_a_gap_is_an_error(scripted: Scripted) -> None:
    """A server that leaves out an event is not believed."""
    scripted.answers = [Answer(body=frames(range(2, 5)), headers=STREAM)]
    with pytest.raises(UnexpectedResponse, match="Event 1"):
        list(follow(scripted.url))


def test_events_are_typed_and_unknown_ones_pass() -> None:
    """A known type gives its class with its fields; another one a plain event with its data."""
    steps, newer = (event_of(json.dumps(each)) for each in LOG[1:3])
    assert isinstance(steps, StepsEvent)
    assert (steps.losses, steps.last_step) == ((1.5, None), 2)
    assert type(newer) is Event
    assert newer.data["text"]


def test_evidence_may_be_not_finite() -> None:
    """A number in a diagnostic that is not finite is None, with its name beside it."""
    evidence = {"relative_move": None, "nonfinite": "inf"}
    data = {"code": "learning_rate_too_high", "message": "It diverges.", "evidence": evidence}
    event = event_of(json.dumps({"number": 1, "type": "diagnostic", "at": "2026-01-01T00:00:00Z", "data": data}))
    assert isinstance(event, DiagnosticEvent)
    assert event.evidence == evidence


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"number": 1}', '{"number": 1, "type": "steps", "at": "x"}'])
def test_what_is_no_event_is_an_unexpected_response(text: str) -> None:
    """A text that is no event raises an error of this package."""
    with pytest.raises(UnexpectedResponse):
        event_of(text)


def test_a_page_in_place_of_the_stream_ends_the_iteration(scripted: Scripted) -> None:
    """A proxy's login page is no event stream: an error at once, not after all retries."""
    scripted.answers = [Answer(body=b"<html>", headers={"Content-Type": "text/html"})]
    with pytest.raises(UnexpectedResponse, match="no event stream"):
        list(follow(scripted.url))
    assert len(scripted.requests) == 1
