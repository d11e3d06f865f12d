"""A job's event log: a page of it, a long poll, or a stream of server-sent events."""

import asyncio
import functools
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractContextManager, aclosing, nullcontext, suppress
from http import HTTPStatus
from typing import Annotated

import orjson
from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BeforeValidator
from starlette.concurrency import run_in_threadpool

from service.api.access.gate import GatedRoute
from service.api.access.rate_limits import rate_limit_key
from service.api.access.scopes import requires
from service.api.dependencies import CallerDep, EventHubDep, ServicesDep, StreamLimitsDep
from service.api.http.negotiation import choose
from service.api.live.event_hub import BUFFER_SIZE, EventHub
from service.api.schemas.events import EventsOut
from service.composition import Services
from service.domain.config import LARGEST_INTEGER
from service.domain.event import Event
from service.domain.job import TERMINAL
from service.domain.key import Scope
from service.domain.nonfinite import with_nulls
from service.errors import InvalidInput, NotFound
from service.store.jobs.events import Head

router = APIRouter(prefix="/v1/jobs", tags=["history"], route_class=GatedRoute)

JSON, STREAM = "application/json", "text/event-stream"

#: How long a client waits before it reconnects to a broken stream, in seconds.
RECONNECT_S = 1.0

#: The first line of a stream. It belongs to the first event: some clients take a block of its own for an empty event.
RETRY = b"retry: %d\n" % (RECONNECT_S * 1000)

KEEP_ALIVE = b": keep-alive\n\n"

#: A proxy must not compress a stream, because it would collect events first; nor may nginx buffer it.
_HEADERS = {"Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no", "Vary": "Accept"}


After = Annotated[int, Query(ge=0, le=LARGEST_INTEGER, description="Only events after this number.")]
LastEventId = Annotated[
    int | None,
    Header(ge=0, le=LARGEST_INTEGER, description="The same as `after`; browsers send it."),
    BeforeValidator(lambda header: header or None),  # a browser sends an empty one for "no event yet"
]


@router.get("/{job_id}/events", response_model=EventsOut)
@requires(Scope.READ)
async def get_events(
    job_id: str,
    request: Request,
    services: ServicesDep,
    hub: EventHubDep,
    streams: StreamLimitsDep,
    caller: CallerDep,
    after: After = 0,
    before: Annotated[
        int | None,
        Query(ge=1, le=LARGEST_INTEGER, description="The last events before this number; without `wait` and `after`."),
    ] = None,
    limit: Annotated[int, Query(ge=1, le=1000, description="The largest number of events to return.")] = 100,
    wait: Annotated[
        float, Query(ge=0, le=60, description="Long poll: how long to wait for a new event, in seconds.")
    ] = 0.0,
    last_event_id: LastEventId = None,
) -> Response:
    """Return the job's event log: a page, or a long poll with `wait`.

    If `Accept` asks for `text/event-stream`, the answer is the stream that `stream_events` always returns.
    """
    media_type = choose(request.headers.get("accept"), [JSON, STREAM])
    if before and (after or wait or media_type == STREAM):
        raise InvalidInput.at("query/before", "Send `before` without `after` and `wait`, and for a page, not a stream.")
    if media_type == STREAM:
        return await stream_events(job_id, request, services, hub, streams, caller, after, last_event_id)
    after = after if last_event_id is None else last_event_id
    client = rate_limit_key(caller, request)
    if wait:
        streams.check(client)
    head = await _head(services, job_id)
    if before:
        return await _page_before(hub, job_id, head, before=min(before, head.last_event + 1), limit=limit)
    with streams.opened(client) if wait else nullcontext():
        return await _page(services, hub, job_id, head, after=after, limit=limit, wait_s=wait)


@router.get(
    "/{job_id}/events/stream",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "Server-sent events, each with an `EventOut` as its data, until the job has ended.",
            "content": {STREAM: {"schema": {"$ref": "#/components/schemas/EventOut"}}},
        },
        204: {"description": "The job has ended, and has no event after `Last-Event-ID`: do not reconnect."},
    },
)
@requires(Scope.READ)
async def stream_events(
    job_id: str,
    request: Request,
    services: ServicesDep,
    hub: EventHubDep,
    streams: StreamLimitsDep,
    caller: CallerDep,
    after: After = 0,
    last_event_id: LastEventId = None,
) -> Response:
    """Return the job's event log as server-sent events: the past ones, and then each new one."""
    after = after if last_event_id is None else last_event_id
    client = rate_limit_key(caller, request)
    streams.check(client)
    head = hub.head(job_id) or await _head(services, job_id)
    if head.status in TERMINAL and after >= head.last_event:
        return Response(status_code=HTTPStatus.NO_CONTENT)  # the only answer after which EventSource stops
    stream = _stream(hub, job_id, head, after, counted=streams.opened(client))
    return StreamingResponse(stream, media_type=STREAM, headers=_HEADERS)


async def _head(services: Services, job_id: str) -> Head:
    heads = await run_in_threadpool(services.events.heads, [job_id])
    if job_id not in heads:
        raise NotFound("job", job_id)
    return heads[job_id]


async def _page(
    services: Services, hub: EventHub, job_id: str, head: Head, *, after: int, limit: int, wait_s: float
) -> Response:
    if wait_s and after >= head.last_event:
        await _wait_for_event(hub, job_id, head, after, wait_s)
        head = await _head(services, job_id)
    found = await hub.page(job_id, after, limit=limit + 1)
    return _page_response(found[:limit], head, has_more=len(found) > limit, after=after)


async def _page_before(hub: EventHub, job_id: str, head: Head, *, before: int, limit: int) -> Response:
    """Return the last events before a number; events are numbered without gaps."""
    after = max(0, before - 1 - limit)
    found = await hub.page(job_id, after, limit=before - 1 - after) if before > 1 else []
    return _page_response(found, head, has_more=after > 0, after=after)


def _page_response(shown: Sequence[Event], head: Head, *, has_more: bool, after: int) -> Response:
    page = {
        "data": [_as_json(event) for event in shown],
        "has_more": has_more,
        "next_after": shown[-1].number if shown else after,
        "status": head.status,
    }
    return Response(orjson.dumps(page, option=orjson.OPT_UTC_Z), media_type=JSON, headers={"Vary": "Accept"})


async def _wait_for_event(hub: EventHub, job_id: str, head: Head, after: int, wait_s: float) -> None:
    """Return when there is a new event, when the time is over, or when the job has ended."""
    with suppress(TimeoutError):
        async with asyncio.timeout(wait_s), aclosing(hub.follow(job_id, head, after=after)) as batches:
            async for batch in batches:
                if batch:
                    return


async def _stream(
    hub: EventHub, job_id: str, head: Head, after: int, *, counted: AbstractContextManager[None]
) -> AsyncIterator[bytes]:
    """Yield the log as server-sent events; the stream counts against the client's limit while it is sent."""
    with counted:
        first_line = RETRY
        async with aclosing(hub.follow(job_id, head, after=after)) as batches:
            async for batch in batches:
                yield b"".join((first_line, *map(server_sent, batch))) if batch else KEEP_ALIVE
                first_line = b"" if batch else first_line


@functools.lru_cache(maxsize=BUFFER_SIZE)  # the hub gives the same object to all subscribers: it is encoded once
def server_sent(event: Event) -> bytes:
    """Return the bytes of a server-sent event. Decision record 14 says why FastAPI does not format it."""
    data = orjson.dumps(_as_json(event), option=orjson.OPT_UTC_Z)
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (event.number, event.type.encode(), data)


def _as_json(event: Event) -> dict[str, object]:
    """Return the event as the API shows it, with the number and the time also under their old names."""
    now = {"event_number": event.number, "type": event.type, "created_at": event.at, "data": with_nulls(event.data)}
    return now | {"number": event.number, "at": event.at}
