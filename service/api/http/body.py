"""Reads JSON request bodies; an error names the field by JSON pointer."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request
from pydantic import BaseModel, ValidationError

from service.domain.json_text import looks_like_json, parse_json, with_whole_numbers
from service.domain.validation import invalid_input
from service.errors import InvalidInput, TooLarge, UnsupportedMedia
from service.inference.requests.body import JSON, UNDECLARED, media_type_of

#: The largest JSON body in bytes, and its deepest nesting: ten times what any route needs.
MAX_JSON_BYTES, MAX_DEPTH = 1_000_000, 32

Model = TypeVar("Model", bound=BaseModel)


async def json_object(request: Request) -> dict[str, Any]:
    """Return the body as a JSON object; an empty one of no type is ``{}``: ``curl -X POST`` suffices.

    Raises:
        UnsupportedMedia: The content type is not JSON, or says nothing, and the bytes are not JSON either.
        MalformedBody: The body does not parse as JSON.
        TooLarge: The body is larger than MAX_JSON_BYTES.
        InvalidInput: The body is JSON, but not an object, or nested too deep.
    """
    declared = media_type_of(request.headers.get("content-type"))
    is_json = declared == JSON or declared.endswith("+json")
    if not is_json and declared not in UNDECLARED:
        raise _unsupported(declared)
    data = await request.body()
    if not is_json and data and not looks_like_json(data):
        raise _unsupported(declared)
    if len(data) > MAX_JSON_BYTES:
        raise TooLarge(f"The body has {len(data)} bytes; the limit for JSON is {MAX_JSON_BYTES} bytes.")
    body = parse_json(data) if data or is_json else {}
    if not isinstance(body, dict):
        raise InvalidInput.at("", "The body must be a JSON object, such as {}.")
    if _is_deeper(body, MAX_DEPTH):
        raise InvalidInput.at("", f"The body is nested deeper than {MAX_DEPTH} levels.")
    return body


def _unsupported(declared: str) -> UnsupportedMedia:
    fault = f"The content type is {declared!r}" if declared else "The request has no Content-Type header"
    return UnsupportedMedia(f"{fault}; send application/json.")


def _is_deeper(value: object, levels: int) -> bool:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(levels == 0 or _is_deeper(each, levels - 1) for each in inside)


JsonObject = Annotated[dict[str, Any], Depends(json_object)]


def body_of(kind: type[Model]) -> Callable[[dict[str, Any]], Awaitable[Model]]:
    """Return a dependency that parses the body as *kind*; its `InvalidInput` has a pointer to each wrong field."""

    async def parse(body: JsonObject) -> Model:
        try:
            return kind.model_validate(with_whole_numbers(body))
        except ValidationError as error:
            raise invalid_input(error.errors(include_url=False), body, kind=kind) from error

    return parse
