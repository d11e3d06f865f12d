"""The Open Inference Protocol, version 2, over HTTP, with the binary tensor extension of Triton."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from service.api.access.scopes import public, requires
from service.api.dependencies import state_of
from service.api.protocols import examples
from service.api.protocols.common import ERRORS, ProtocolRoute, find, json_response, look_up, outputs_of
from service.api.routes.health import is_ready
from service.domain.key import Scope
from service.errors import InvalidInput
from service.inference.answers.registry import LoadedModel
from service.inference.pictures.report import PIXELS
from service.inference.requests.json_body import parse
from service.inference.requests.open_inference import InferenceRequest, read_inference_request
from service.inference.requests.tensors import FLOAT32, INPUT_NAME, OUTPUT_NAME, Rows

router = APIRouter(prefix="/v2", tags=["Open Inference Protocol"], route_class=ProtocolRoute, responses=ERRORS)

HEADER_LENGTH = "Inference-Header-Content-Length"

#: Longer bodies of JSON are read in a thread; bytes after it cost nothing to read.
QUICK_BYTES = 65_536


@router.get("", openapi_extra=examples.SERVER)
@requires(Scope.PREDICT)
async def server_metadata(request: Request) -> Response:
    """Name the server and the extensions that it knows."""
    return json_response({"name": "naivenet", "version": request.app.version, "extensions": ["binary_tensor_data"]})


@router.get("/health/live", openapi_extra=examples.LIVE)
@public
async def server_live(request: Request) -> Response:  # noqa: ARG001  # every route here is given its request
    """Answer, if the process can."""
    return json_response({"live": True})


@router.get("/health/ready", openapi_extra=examples.READY)
@public
async def server_ready(request: Request) -> Response:
    """Tell whether requests can be answered; 400 where not, as the protocol has it."""
    ready = await run_in_threadpool(is_ready, state_of(request)["services"])
    return json_response({"ready": ready}, HTTPStatus.OK if ready else HTTPStatus.BAD_REQUEST)


@router.get("/models/{name}", openapi_extra=examples.MODEL)
@requires(Scope.PREDICT)
async def model_metadata(request: Request, name: str) -> Response:
    """Describe a model's tensors, and list its versions."""
    return await _described(request, name, await find(request, name))


@router.get("/models/{name}/versions/{version}", openapi_extra=examples.MODEL)
@requires(Scope.PREDICT)
async def version_metadata(request: Request, name: str, version: str) -> Response:
    """Describe the tensors of one version."""
    return await _described(request, name, await find(request, name, version=version))


@router.get("/models/{name}/ready", openapi_extra=examples.MODEL_READY)
@requires(Scope.PREDICT)
async def model_ready(request: Request, name: str) -> Response:
    """Tell whether a model answers."""
    await find(request, name)
    return json_response({"name": name, "ready": True})


@router.get("/models/{name}/versions/{version}/ready", openapi_extra=examples.MODEL_READY)
@requires(Scope.PREDICT)
async def version_ready(request: Request, name: str, version: str) -> Response:
    """Tell whether a version answers."""
    await find(request, name, version=version)
    return json_response({"name": name, "ready": True})


@router.post("/models/{name}/infer", openapi_extra=examples.INFER)
@requires(Scope.PREDICT)
async def infer(request: Request, name: str) -> Response:
    """Ask the version that `live` points at."""
    return await _infer(request, await find(request, name))


@router.post("/models/{name}/versions/{version}/infer", openapi_extra=examples.INFER)
@requires(Scope.PREDICT)
async def infer_version(request: Request, name: str, version: str) -> Response:
    """Ask one version."""
    return await _infer(request, await find(request, name, version=version))


async def _described(request: Request, name: str, served: LoadedModel) -> Response:
    versions = [str(each.version) for each in reversed((await look_up(request, name)).versions)]
    described = {
        "name": name,
        "versions": versions,
        "platform": "naivenet",
        "inputs": [{"name": INPUT_NAME, "datatype": "FP32", "shape": [-1, PIXELS]}],
        "outputs": [{"name": OUTPUT_NAME, "datatype": "FP32", "shape": [-1, served.network.output_size]}],
    }
    return json_response(described)


async def _infer(request: Request, served: LoadedModel) -> Response:
    body = _Body.of(await request.body(), request.headers.get(HEADER_LENGTH))
    limits = state_of(request)["input_limits"]

    def read() -> InferenceRequest:
        return read_inference_request(parse(body.header, limits, wanted=examples.WANTED), body.binary, limits)

    asked = read() if len(body.header) <= QUICK_BYTES else await run_in_threadpool(read)
    return _answer(served, asked, await outputs_of(request, served, asked.rows))


@dataclass(frozen=True, kw_only=True)
class _Body:
    """JSON, and the bytes of tensors after it."""

    header: bytes
    binary: bytes | memoryview

    @classmethod
    def of(cls, body: bytes, length: str | None) -> "_Body":
        if length is None:
            return cls(header=body, binary=b"")
        if not (length.isascii() and length.isdigit() and len(length) < 19 and int(length) <= len(body)):  # noqa: PLR2004  # digits of 2**63
            raise InvalidInput(f"{HEADER_LENGTH} is {length!r}; the body has {len(body):,} bytes.")
        return cls(header=body[: int(length)], binary=memoryview(body)[int(length) :])


def _answer(served: LoadedModel, asked: InferenceRequest, outputs: Rows) -> Response:
    output: dict[str, Any] = {"name": OUTPUT_NAME, "datatype": "FP32", "shape": list(outputs.shape)}
    told: dict[str, Any] = {"model_name": served.model, "model_version": str(served.version), "outputs": [output]}
    if asked.id is not None:
        told["id"] = asked.id
    if not asked.wants_binary:
        output["data"] = outputs.ravel()
        return json_response(told)
    data = outputs.astype(FLOAT32, copy=False).tobytes()
    output["parameters"] = {"binary_data_size": len(data)}
    header = orjson.dumps(told)
    headers = {HEADER_LENGTH: str(len(header))}
    return Response(header + data, headers=headers, media_type="application/octet-stream")
