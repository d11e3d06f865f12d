"""The Open Inference Protocol v2 over HTTP, with Triton's binary tensor extension."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from naivenet.datasets import PIXELS
from service.api.access.scopes import public, requires
from service.api.dependencies import state_of
from service.api.live.readiness import all_ready
from service.api.protocols import examples
from service.api.protocols.common import ERRORS, ProtocolRoute, find, json_response, look_up, outputs_of
from service.domain.key import Scope
from service.errors import InvalidInput
from service.inference.answers.registry import LoadedModel
from service.inference.requests.body import QUICK_BYTES
from service.inference.requests.json_body import parse
from service.inference.requests.open_inference import InferenceRequest, read_inference_request
from service.inference.requests.tensors import FLOAT32, INPUT_NAME, OUTPUT_NAME, Rows


class _Route(ProtocolRoute):
    id_prefix = "oip_"


router = APIRouter(prefix="/v2", tags=["Open Inference Protocol"], route_class=_Route, responses=ERRORS)

HEADER_LENGTH = "Inference-Header-Content-Length"


@router.get("", openapi_extra=examples.SERVER)
@requires(Scope.PREDICT)
async def server_metadata(request: Request) -> Response:
    """Return the server's name, version and supported extensions."""
    return json_response({"name": "naivenet", "version": request.app.version, "extensions": ["binary_tensor_data"]})


@router.get("/health/live", openapi_extra=examples.LIVE)
@public
async def server_live(request: Request) -> Response:  # noqa: ARG001  # a plain route always gets its request
    """Answer if the process is alive."""
    return json_response({"live": True})


@router.get("/health/ready", openapi_extra=examples.READY)
@public
async def server_ready(request: Request) -> Response:
    """Check whether the server is ready for requests; 400 if not, as the protocol requires."""
    is_ready = all_ready(await state_of(request)["readiness"].check())
    return json_response({"ready": is_ready}, HTTPStatus.OK if is_ready else HTTPStatus.BAD_REQUEST)


@router.get("/models/{name}", openapi_extra=examples.MODEL)
@requires(Scope.PREDICT)
async def model_metadata(request: Request, name: str) -> Response:
    """Return a model's versions and the shapes of its tensors."""
    return await _metadata(request, name, await find(request, name))


@router.get("/models/{name}/versions/{version}", openapi_extra=examples.MODEL)
@requires(Scope.PREDICT)
async def version_metadata(request: Request, name: str, version: str) -> Response:
    """Return the shapes of one version's tensors."""
    return await _metadata(request, name, await find(request, name, version=version))


@router.get("/models/{name}/ready", openapi_extra=examples.MODEL_READY)
@requires(Scope.PREDICT)
async def model_ready(request: Request, name: str) -> Response:
    """Check whether a model is ready for requests."""
    await find(request, name)
    return json_response({"name": name, "ready": True})


@router.get("/models/{name}/versions/{version}/ready", openapi_extra=examples.MODEL_READY)
@requires(Scope.PREDICT)
async def version_ready(request: Request, name: str, version: str) -> Response:
    """Check whether a version is ready for requests."""
    await find(request, name, version=version)
    return json_response({"name": name, "ready": True})


@router.post("/models/{name}/infer", openapi_extra=examples.INFER)
@requires(Scope.PREDICT)
async def infer(request: Request, name: str) -> Response:
    """Run the version that `live` points at."""
    return await _infer(request, await find(request, name))


@router.post("/models/{name}/versions/{version}/infer", openapi_extra=examples.INFER)
@requires(Scope.PREDICT)
async def infer_version(request: Request, name: str, version: str) -> Response:
    """Run one version."""
    return await _infer(request, await find(request, name, version=version))


async def _metadata(request: Request, name: str, model: LoadedModel) -> Response:
    versions = [str(each.version) for each in reversed((await look_up(request, name)).versions)]
    metadata = {
        "name": name,
        "versions": versions,
        "platform": "naivenet",
        "inputs": [{"name": INPUT_NAME, "datatype": "FP32", "shape": [-1, PIXELS]}],
        "outputs": [{"name": OUTPUT_NAME, "datatype": "FP32", "shape": [-1, model.network.output_size]}],
    }
    return json_response(metadata)


async def _infer(request: Request, model: LoadedModel) -> Response:
    body = _Body.of(await request.body(), request.headers.get(HEADER_LENGTH))
    limits = state_of(request)["input_limits"]

    def read() -> InferenceRequest:
        return read_inference_request(parse(body.header, limits, wanted=examples.WANTED), body.binary, limits)

    inference = read() if len(body.header) <= QUICK_BYTES else await run_in_threadpool(read)
    return _answer(model, inference, await outputs_of(request, model, inference.rows))


@dataclass(frozen=True, kw_only=True)
class _Body:
    """A request body: JSON, and the bytes of binary tensors after it."""

    header: bytes
    binary: bytes | memoryview

    @classmethod
    def of(cls, body: bytes, length: str | None) -> "_Body":
        if length is None:
            return cls(header=body, binary=b"")
        if not (length.isascii() and length.isdigit() and len(length) < 19 and int(length) <= len(body)):  # noqa: PLR2004  # as many digits as 2**63 has
            raise InvalidInput(
                f"{HEADER_LENGTH} must be the length of the JSON in a body of {len(body):,} bytes, not {length!r}."
            )
        return cls(header=body[: int(length)], binary=memoryview(body)[int(length) :])


def _answer(model: LoadedModel, inference: InferenceRequest, outputs: Rows) -> Response:
    output: dict[str, Any] = {"name": OUTPUT_NAME, "datatype": "FP32", "shape": list(outputs.shape)}
    answer: dict[str, Any] = {"model_name": model.model, "model_version": str(model.version), "outputs": [output]}
    if inference.id is not None:
        answer["id"] = inference.id
    if not inference.wants_binary:
        output["data"] = outputs.ravel()
        return json_response(answer)
    data = outputs.astype(FLOAT32, copy=False).tobytes()
    output["parameters"] = {"binary_data_size": len(data)}
    header = orjson.dumps(answer)
    headers = {HEADER_LENGTH: str(len(header))}
    return Response(header + data, headers=headers, media_type="application/octet-stream")
