"""Reads the ``Idempotency-Key`` header of requests that create something."""

import hashlib
from typing import Annotated, Any

import orjson
from fastapi import Depends, Header, Request

from service.api.dependencies import CallerDep
from service.api.http.body import JsonObject
from service.domain.key import Caller
from service.store.idempotency import IdempotencyKey

Given = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=255,
        description="A repeated request with the same key creates nothing: it gets what the first one created.",
    ),
]


def key_of(given: str | None, caller: Caller, content: Any) -> IdempotencyKey | None:
    """Return the key of a request with this content; None if it sent none. Two callers cannot collide."""
    if given is None:
        return None
    digest = hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()
    return IdempotencyKey(key=f"{caller.id}:{given}" if caller.id else given, digest=digest)


async def _of_json(
    request: Request, body: JsonObject, caller: CallerDep, idempotency_key: Given = None
) -> IdempotencyKey | None:
    named = request.path_params.values()
    return key_of(idempotency_key, caller, [body, *named] if named else body)


async def _without_body(request: Request, caller: CallerDep, idempotency_key: Given = None) -> IdempotencyKey | None:
    return key_of(idempotency_key, caller, request.url.path)


#: The key of a request with a JSON body, and of one without a body.
JsonKey = Annotated[IdempotencyKey | None, Depends(_of_json)]
PathKey = Annotated[IdempotencyKey | None, Depends(_without_body)]
