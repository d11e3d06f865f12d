"""Refuses query parameters that a route does not know: one misspelt is an error, never ignored."""

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from service.errors import InvalidInput

#: How the names of parameters begin that carry a client's own key: ``metadata[key]``.
OWN_KEY = "metadata["


async def known_only(request: Request) -> None:
    """A dependency of all routes that FastAPI reads the query of.

    Raises:
        InvalidInput: The query has a parameter that the route does not.
    """
    route: APIRoute = request.scope["route"]
    known = _known(route.dependant)
    for name in request.query_params:
        if name not in known and not name.startswith(OWN_KEY):
            choice = f"there are {', '.join(sorted(known))}" if known else "this takes none"
            raise InvalidInput.at(f"query/{name}", f"There is no parameter {name!r}: {choice}.")


def _known(dependant: Dependant) -> set[str]:
    own = {parameter.alias for parameter in dependant.query_params}
    return own.union(*map(_known, dependant.dependencies))
