"""What the two serving protocols share: which version is meant, the network asked, and errors as ``{"error": ...}``."""

import re
import traceback
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import numpy as np
import orjson
from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool

from service.api.access.gate import Handler
from service.api.dependencies import state_of
from service.api.fast_path.routes import PlainRoute
from service.api.http.problems import headers_of, status_and_code
from service.domain.model import LIVE_ALIAS, Model
from service.errors import NotFound, NothingToServe, ServiceError
from service.inference.answers.registry import LoadedModel
from service.inference.requests.tensors import Rows

#: Batches up to this size are answered on the event loop; larger ones in a thread, so that nobody waits behind them.
IN_PLACE = 32

JSON = "application/json"
ERROR_EXAMPLE = {"application/json": {"example": {"error": "There is no model 'nope'."}}}
ERRORS: dict[int | str, dict[str, Any]] = {"default": {"description": "What went wrong.", "content": ERROR_EXAMPLE}}

_VERSION = re.compile(r"[1-9]\d{0,17}", re.ASCII)


class ProtocolRoute(PlainRoute):
    """A route whose errors are ``{"error": text}``, with a status of the protocols': 400 for whatever is malformed."""

    def get_route_handler(self) -> Handler:
        """The endpoint, its errors translated."""
        inner = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await inner(request)
            except ServiceError as error:
                traceback.clear_frames(error.__traceback__)  # they hold the body, in a cycle
                return json_response({"error": str(error)}, _status(error), headers=headers_of(error))

        return handle


def _status(error: ServiceError) -> HTTPStatus:
    if isinstance(error, NothingToServe):
        return HTTPStatus.NOT_FOUND
    status, _ = status_and_code(error)
    return HTTPStatus.BAD_REQUEST if status == HTTPStatus.UNPROCESSABLE_ENTITY else status


def json_response(
    content: Any, status: HTTPStatus = HTTPStatus.OK, *, headers: Mapping[str, str] | None = None
) -> Response:
    """An answer in JSON; arrays of NumPy are lists in it, and what is not finite is null."""
    return Response(orjson.dumps(content, option=orjson.OPT_SERIALIZE_NUMPY), status, headers=headers, media_type=JSON)


async def find(request: Request, model: str, *, version: str | None = None, label: str | None = None) -> LoadedModel:
    """The network that a path means; without version and label the one that ``live`` points at.

    Raises:
        NotFound: There is none.
        NothingToServe: The model has no version yet.
    """
    registry = state_of(request)["registry"]
    if version is None:
        alias = label or LIVE_ALIAS
        if served := registry.aliased(model, alias):
            return served
        return await run_in_threadpool(registry.by_alias, model, alias)
    number = version_number(model, version)
    if served := registry.versioned(model, number):
        return served
    return await run_in_threadpool(registry.by_version, model, number)


async def look_up(request: Request, name: str) -> Model:
    """The model of that name, with all its versions.

    Raises:
        NotFound: There is none.
    """
    return await run_in_threadpool(state_of(request)["services"].models.get, name)


def version_number(model: str, version: str) -> int:
    """The number that a path says.

    Raises:
        NotFound: It is no number that a version can have.
    """
    if not _VERSION.fullmatch(version):
        raise NotFound("version", f"{model}/{version}")
    return int(version)


async def outputs_of(request: Request, served: LoadedModel, rows: Rows) -> Rows:
    """What the network itself answers.

    Shapes:
        rows: (n, 784) -> (n, 10).
    """
    state_of(request)["metrics"].count_predictions(served.model, served.version, len(rows))
    if len(rows) <= IN_PLACE:
        return np.ascontiguousarray(served.network(rows), np.float32)
    return np.ascontiguousarray(await run_in_threadpool(served.network, rows), np.float32)
