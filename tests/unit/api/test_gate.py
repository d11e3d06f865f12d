"""Routes that FastAPI analyses when they are first needed."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Annotated

import pytest
from fastapi import APIRouter, Query

from service.api.access.gate import GatedRoute
from service.api.access.scopes import public

THREADS = 8


@pytest.fixture
def route() -> GatedRoute:
    """A route that was not needed yet."""
    router = APIRouter(route_class=GatedRoute)

    @router.get("/sums/{first}")
    @public
    def add(first: int, second: Annotated[int, Query()]) -> dict[str, int]:
        return {"sum": first + second}

    (route,) = router.routes
    assert isinstance(route, GatedRoute)
    return route


def test_threads_that_need_a_route_at_once_find_it_analysed_once(route: GatedRoute) -> None:
    """Requests need it on the event loop while a thread builds the OpenAPI document."""
    together = Barrier(THREADS)

    def dependant(_: int) -> object:
        together.wait()
        return route.dependant

    with ThreadPoolExecutor(THREADS) as threads:
        found = list(threads.map(dependant, range(THREADS)))
    assert len({id(each) for each in found}) == 1
    assert [parameter.name for parameter in route.dependant.query_params] == ["second"]


def test_an_attribute_that_no_route_has_is_an_error(route: GatedRoute) -> None:
    """As with every object, so that a misspelt name does not pass for an analysis that is not done yet."""
    with pytest.raises(AttributeError, match="no attribute 'dependent'"):
        _ = route.dependent
