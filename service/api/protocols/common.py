"""What both serving protocols share: finding the version, running the network, and errors as ``{"error": ...}``."""

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
from service.api.live.loaded_models import MAX_ON_EVENT_LOOP, model_at_alias, model_at_version
from service.domain.model import LIVE_ALIAS, Model
from service.errors import NotFound, NothingToServe, ServiceError
from service.inference.answers.registry import LoadedModel
from service.inference.requests.tensors import Rows

JSON = "application/json"
ERROR_EXAMPLE = {"application/json": {"example": {"error": "There is no model 'nope'."}}}
ERRORS: dict[int | str, dict[str, Any]] = {"default": {"description": "The error.", "content": ERROR_EXAMPLE}}

_VERSION = re.compile(r"[1-9]\d{0,17}", re.ASCII)


class ProtocolRoute(PlainRoute):
    """A route whose errors are ``{"error": text}`` with the protocols' status codes: 400 if a request is malformed."""

    def get_route_handler(self) -> Handler:
        """Return the endpoint's handler, with errors in the protocols' format."""
        inner = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await inner(request)
            except ServiceError as error:
                traceback.clear_frames(error.__traceback__)  # in a reference cycle they keep the request body in memory
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
    """Return *content* as JSON; NumPy arrays become lists, and numbers that are not finite become null."""
    return Response(orjson.dumps(content, option=orjson.OPT_SERIALIZE_NUMPY), status, headers=headers, media_type=JSON)


async def find(request: Request, model: str, *, version: str | None = None, label: str | None = None) -> LoadedModel:
    """Return the model in a path: the given version or label, or else the version that ``live`` points at.

    Raises:
        NotFound: There is no such model, version or label.
        NothingToServe: The model has no version yet.
    """
    registry, store_threads = state_of(request)["registry"], state_of(request)["store_threads"]
    if version is None:
        return await model_at_alias(registry, store_threads, model, label or LIVE_ALIAS)
    return await model_at_version(registry, store_threads, model, version_number(model, version))


async def look_up(request: Request, name: str) -> Model:
    """Return the model of that name, with all its versions.

    Raises:
        NotFound: There is no such model.
    """
    return await run_in_threadpool(state_of(request)["services"].models.get, name)


def version_number(model: str, version: str) -> int:
    """Return the version number in a path.

    Raises:
        NotFound: It cannot be the number of a version.
    """
    if not _VERSION.fullmatch(version):
        raise NotFound("version", f"{model}/{version}")
    return int(version)


async def outputs_of(request: Request, model: LoadedModel, rows: Rows) -> Rows:
    """Return the network's outputs for *rows*.

    Shapes:
        rows: (n, 784) -> (n, 10).
    """
    state_of(request)["metrics"].count_predictions(model.model, model.version, len(rows))
    if len(rows) <= MAX_ON_EVENT_LOOP:
        return np.ascontiguousarray(model.quick(rows), np.float32)
    return np.ascontiguousarray(await run_in_threadpool(model.quick, rows), np.float32)
