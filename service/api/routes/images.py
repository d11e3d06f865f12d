"""Images: the pictures of any dataset one by one, by their index."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from service.api.access.gate import GatedRoute
from service.api.access.scopes import requires
from service.api.dependencies import ServicesDep, StoreThreadsDep
from service.api.http.conditional import NOT_MODIFIED, tagged_response
from service.api.routes.datasets import Name, Number
from service.api.schemas.datasets import ImageOut
from service.domain.config import LARGEST_INTEGER
from service.domain.dataset import Split
from service.domain.key import Scope
from service.jobs import datasets

router = APIRouter(prefix="/v1/datasets/{name}/images", tags=["datasets"], route_class=GatedRoute)

Index = Annotated[int, Path(ge=0, le=LARGEST_INTEGER, description="From 0.")]


@router.get("/{index}", response_model=ImageOut, responses=NOT_MODIFIED)
@requires(Scope.READ)
async def get_image(
    name: Name,
    index: Index,
    request: Request,
    services: ServicesDep,
    store_threads: StoreThreadsDep,
    split: Annotated[Split, Query(description="A training or a test picture.")] = "test",
    version: Number = None,
) -> Response:
    """Return one picture of a dataset with its label. With `If-None-Match`, one that has not changed is a 304."""
    found = await store_threads.run_long(datasets.picture, services, name, index, split=split, version=version)
    return tagged_response(request, ImageOut.of(found, split, index))
