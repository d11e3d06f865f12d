"""Reads JSON request bodies; an error names the field by JSON pointer."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar

import orjson
from fastapi import Depends, Request
from pydantic import BaseModel, ValidationError

from service.domain.validation import invalid_input
from service.errors import InvalidInput, MalformedBody, TooLarge, UnsupportedMedia

#: The largest JSON body in bytes, and its deepest nesting: ten times what any route needs.
MAX_JSON_BYTES, MAX_DEPTH = 1_000_000, 32

Model = TypeVar("Model", bound=BaseModel)


async def json_object(request: Request) -> dict[str, Any]:
    """Return the body as a JSON object.

    Raises:
        UnsupportedMedia: The content type is not JSON.
        MalformedBody: The body does not parse as JSON.
        TooLarge: The body is larger than MAX_JSON_BYTES.
        InvalidInput: The body is JSON, but not an object, or nested too deep.
    """
    declared = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if declared != "application/json" and not declared.endswith("+json"):
        fault = f"The content type is {declared!r}" if declared else "The request has no Content-Type header"
        raise UnsupportedMedia(f"{fault}; send application/json.")
    data = await request.body()
    if len(data) > MAX_JSON_BYTES:
        raise TooLarge(f"The body has {len(data)} bytes; the limit for JSON is {MAX_JSON_BYTES} bytes.")
    try:
        body = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise MalformedBody(f"The body is not valid JSON: {error}.") from error
    if not isinstance(body, dict):
        raise InvalidInput.at("", "The body must be a JSON object, such as {}.")
    if _is_deeper(body, MAX_DEPTH):
        raise InvalidInput.at("", f"The body is nested deeper than {MAX_DEPTH} levels.")
    return body


def _is_deeper(value: object, levels: int) -> bool:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(levels == 0 or _is_deeper(each, levels - 1) for each in inside)


JsonObject = Annotated[dict[str, Any], Depends(json_object)]


def body_of(kind: type[Model]) -> Callable[[dict[str, Any]], Awaitable[Model]]:
    """Return a dependency that parses the body as *kind*; its `InvalidInput` has a pointer to each wrong field."""

    async def parse(body: JsonObject) -> Model:
        try:
            return kind.model_validate(body)
        except ValidationError as error:
            raise invalid_input(error.errors(include_url=False), body) from error

    return parse
