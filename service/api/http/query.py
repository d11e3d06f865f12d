"""Rejects unknown query parameters and cursors, so that a misspelt one is an error and not ignored."""

import re
from collections.abc import Callable
from typing import Any

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from service.domain.field_messages import HINTS, with_hints
from service.domain.suggestions import did_you_mean
from service.errors import InvalidInput

#: The prefix of parameters whose names a client chooses: ``metadata[key]``.
CLIENT_KEY_PREFIX = "metadata["


async def reject_unknown_parameters(request: Request) -> None:
    """Raise an error for an unknown parameter: a dependency of every route whose query FastAPI parses.

    Raises:
        InvalidInput: The query has a parameter that the route does not have.
    """
    route: APIRoute = request.scope["route"]
    known = _parameters_of(route.dependant)
    for name in request.query_params:
        if name not in known and not name.startswith(CLIENT_KEY_PREFIX):
            choice = f"use {', '.join(sorted(known))}" if known else "this route has no query parameters"
            hint = did_you_mean(name, sorted(known))
            message = with_hints(f"Unknown query parameter {name!r}: {choice}.", HINTS, hint)
            raise InvalidInput.at(f"query/{name}", message, "unknown_parameter", name=name, **hint)


def _parameters_of(dependant: Dependant) -> set[str]:
    own = {parameter.alias for parameter in dependant.query_params}
    return own.union(*map(_parameters_of, dependant.dependencies))


def split_at_commas(values: Any) -> Any:
    """Return the values of a parameter that can be sent several times, or once with its values between commas."""
    return [each for value in values for each in value.split(",")] if isinstance(values, list) else values


def cursor(prefix: str) -> Callable[[str | None], str | None]:
    """Return a validator of the cursor of a list of ids with this *prefix*.

    An id that was deleted meanwhile is still a place in the list. Any other text would be a place before the first id,
    and give the first page again and again.
    """
    pattern = re.compile(rf"{prefix}_[0-7][0-9a-hjkmnp-tv-z]{{25}}")

    def check(after: str | None) -> str | None:
        if after and not pattern.fullmatch(after):
            raise ValueError(f"{after!r} is no id of this list; send the last id of the previous page.")
        return after

    return check
