"""Rejects unknown query parameters, so that a misspelt one is an error and not ignored."""

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

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
            raise InvalidInput.at(f"query/{name}", f"Unknown query parameter {name!r}: {choice}.")


def _parameters_of(dependant: Dependant) -> set[str]:
    own = {parameter.alias for parameter in dependant.query_params}
    return own.union(*map(_parameters_of, dependant.dependencies))
