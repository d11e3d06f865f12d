"""Reads request bodies: JSON objects with errors that say where, never more bytes than allowed."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar

import orjson
from fastapi import Depends, Request
from pydantic import BaseModel, ValidationError

from service.domain.config import invalid
from service.errors import InvalidInput, MalformedBody, TooLarge, UnsupportedMedia

#: What a body of settings may weigh, and how deep it may be nested: ten times what any needs.
MAX_JSON_BYTES, MAX_DEPTH = 1_000_000, 32

Model = TypeVar("Model", bound=BaseModel)


async def json_object(request: Request) -> dict[str, Any]:
    """The body as a JSON object.

    Raises:
        UnsupportedMedia: Its content type is not JSON.
        MalformedBody: It does not parse.
        TooLarge: It has more bytes than any settings need.
        InvalidInput: It is JSON, but no object, or too deep.
    """
    declared = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if declared != "application/json" and not declared.endswith("+json"):
        raise UnsupportedMedia(f"Send application/json; the content type was {declared or 'not given'!r}.")
    data = await request.body()
    if len(data) > MAX_JSON_BYTES:
        raise TooLarge(f"The body has {len(data)} bytes; JSON is taken here up to {MAX_JSON_BYTES}.")
    try:
        body = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise MalformedBody(f"The body is not JSON: {error}.") from error
    if not isinstance(body, dict):
        raise InvalidInput.at("", "The body is a JSON object, such as {}.")
    if _is_deeper(body, MAX_DEPTH):
        raise InvalidInput.at("", f"The body is nested deeper than {MAX_DEPTH} levels.")
    return body


def _is_deeper(value: object, levels: int) -> bool:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(levels == 0 or _is_deeper(each, levels - 1) for each in inside)


JsonObject = Annotated[dict[str, Any], Depends(json_object)]


def body_of(kind: type[Model]) -> Callable[[dict[str, Any]], Awaitable[Model]]:
    """A dependency that reads the body as *kind*; it raises `InvalidInput` with a JSON pointer for each field."""

    async def read(body: JsonObject) -> Model:
        try:
            return kind.model_validate(body)
        except ValidationError as error:
            raise invalid(error.errors(include_url=False), body) from error

    return read
