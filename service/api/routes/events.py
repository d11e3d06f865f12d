"""A job's log, three ways: a page of it, a page awaited, and a stream of server-sent events."""

import asyncio
import functools
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, aclosing, nullcontext, suppress
from typing import Annotated

import orjson
from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from service.api.access.gate import GatedRoute
from service.api.access.rate_limits import rate_limit_key
from service.api.access.scopes import requires
from service.api.dependencies import CallerDep, EventHubDep, ServicesDep, StreamLimitsDep
from service.api.http.negotiation import choose
from service.api.live.event_hub import MEMORY, EventHub
from service.api.schemas.resources import EventsOut
from service.composition import Services
from service.domain.config import LARGEST_INTEGER
from service.domain.event import Event
from service.domain.key import Scope
from service.domain.nonfinite import with_nulls
from service.errors import NotFound
from service.store.jobs.events import Head

router = APIRouter(prefix="/v1/jobs", tags=["history"], route_class=GatedRoute)

JSON, STREAM = "application/json", "text/event-stream"

#: When a client whose stream broke is to come back, in seconds.
RECONNECT_S = 1.0

_HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}


@router.get(
    "/{job_id}/events",
    response_model=EventsOut,
    responses={200: {"content": {STREAM: {"schema": {"type": "string"}}}}},
)
@requires(Scope.READ)
async def get_events(
    job_id: str,
    request: Request,
    services: ServicesDep,
    hub: EventHubDep,
    streams: StreamLimitsDep,
    caller: CallerDep,
    after: Annotated[int, Query(ge=0, le=LARGEST_INTEGER, description="Only what comes after this number.")] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    wait: Annotated[float, Query(ge=0, le=60, description="How long to wait for news, in seconds.")] = 0.0,
    last_event_id: Annotated[int | None, Header(ge=0, le=LARGEST_INTEGER, description="As `after`.")] = None,
) -> Response:
    """Read the job's log: as a page, as a page that waits for news, or as server-sent events by `Accept`."""
    form = choose(request.headers.get("accept"), [JSON, STREAM])
    after = after if last_event_id is None else last_event_id
    client = rate_limit_key(caller, request)
    if form == STREAM or wait:
        streams.check(client)
    if form == STREAM:
        head = hub.head(job_id) or await _head(services, job_id)
        frames = _frames(hub, job_id, head, after, counted=streams.opened(client))
        return StreamingResponse(frames, media_type=STREAM, headers=_HEADERS)
    head = await _head(services, job_id)
    with streams.opened(client) if wait else nullcontext():
        return await _page(services, hub, job_id, head, after=after, limit=limit, wait_s=wait)


async def _head(services: Services, job_id: str) -> Head:
    heads = await run_in_threadpool(services.events.heads, [job_id])
    if job_id not in heads:
        raise NotFound("job", job_id)
    return heads[job_id]


async def _page(  # what the page is of, and which
    services: Services, hub: EventHub, job_id: str, head: Head, *, after: int, limit: int, wait_s: float
) -> Response:
    if wait_s and after >= head.last_event:
        await _awaited(hub, job_id, head, after, wait_s)
        head = await _head(services, job_id)
    found = await hub.page(job_id, after, limit=limit + 1)
    shown = found[:limit]
    answer = {
        "data": [_wire(event) for event in shown],
        "has_more": len(found) > limit,
        "next_after": shown[-1].number if shown else after,
        "status": head.status,
    }
    return Response(orjson.dumps(answer, option=orjson.OPT_UTC_Z), media_type=JSON)


async def _awaited(hub: EventHub, job_id: str, head: Head, after: int, wait_s: float) -> None:
    """Return when there is news, or when none came, or when none will come."""
    with suppress(TimeoutError):
        async with asyncio.timeout(wait_s), aclosing(hub.follow(job_id, head, after=after)) as following:
            async for batch in following:
                if batch:
                    return


async def _frames(  # what is streamed, and who counts it from its first frame on
    hub: EventHub, job_id: str, head: Head, after: int, *, counted: AbstractContextManager[None]
) -> AsyncIterator[bytes]:
    with counted:
        yield b"retry: %d\n\n" % (RECONNECT_S * 1000)
        async with aclosing(hub.follow(job_id, head, after=after)) as following:
            async for batch in following:
                yield b"".join(map(_frame, batch)) if batch else b": keep-alive\n\n"


@functools.lru_cache(maxsize=MEMORY)  # the same object goes to all who watch: it is written out once
def _frame(event: Event) -> bytes:
    data = orjson.dumps(_wire(event), option=orjson.OPT_UTC_Z)
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (event.number, event.type.encode(), data)


def _wire(event: Event) -> dict[str, object]:
    return {"number": event.number, "type": event.type, "at": event.at, "data": with_nulls(event.data)}
