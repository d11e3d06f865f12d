"""TensorFlow Serving's REST API for every model here: predict, status and metadata, as its published pages say."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from service.api.access.scopes import requires
from service.api.dependencies import state_of
from service.api.fast_path.routes import segment
from service.api.protocols import examples
from service.api.protocols.common import ERRORS, ProtocolRoute, find, json_response, look_up, outputs_of, version_number
from service.domain.key import Scope
from service.errors import InvalidInput, NotFound, NothingToServe
from service.inference.answers.registry import LoadedModel, version_of
from service.inference.pictures.report import PIXELS
from service.inference.requests.json_body import parse
from service.inference.requests.limits import InputLimits
from service.inference.requests.tensors import INPUT_NAME, OUTPUT_NAME, Rows, read_nested

router = APIRouter(prefix="/v1/models", tags=["TensorFlow Serving"], route_class=ProtocolRoute, responses=ERRORS)

SIGNATURE = "serving_default"
WANTED = '{"instances": [[784 numbers], ...]} or {"inputs": [[784 numbers], ...]}'

#: Longer bodies are read in a thread.
QUICK_BYTES = 65_536


@router.post("/{name}:predict", openapi_extra=examples.PREDICT)
@requires(Scope.PREDICT)
async def predict_live(request: Request, name: str) -> Response:
    """Ask the version that `live` points at, as TensorFlow Serving's clients do."""
    return await _predict(request, await _meant(request, name, f"Latest({name})"))


@router.post("/{name}/versions/{version}:predict", openapi_extra=examples.PREDICT)
@requires(Scope.PREDICT)
async def predict_version(request: Request, name: str, version: str) -> Response:
    """Ask one version, as TensorFlow Serving's clients do."""
    return await _predict(request, await _meant(request, name, f"Specific({name}, {version})", version=version))


@router.post("/{name}/labels/{label}:predict", openapi_extra=examples.PREDICT)
@requires(Scope.PREDICT)
async def predict_label(request: Request, name: str, label: str) -> Response:
    """Ask the version that an alias points at, as TensorFlow Serving's clients do; so `latest`, `best`."""
    return await _predict(request, await _labelled(request, name, label))


@router.get(f"/{{name}}/versions/{segment('version')}", openapi_extra=examples.STATUS)
@requires(Scope.PREDICT)
async def version_status(request: Request, name: str, version: str) -> Response:
    """Tell the state of one version, as TensorFlow Serving does."""
    try:
        number = version_number(name, version)
        version_of(await look_up(request, name), number)
    except NotFound as error:
        raise Missing(f"Could not find version {version} of model {name}") from error
    return json_response({"model_version_status": [status_of(number)]})


@router.get(f"/{{name}}/labels/{segment('label')}", openapi_extra=examples.STATUS)
@requires(Scope.PREDICT)
async def label_status(request: Request, name: str, label: str) -> Response:
    """Tell the state of the version that an alias points at, as TensorFlow Serving does."""
    served = await _labelled(request, name, label)
    return json_response({"model_version_status": [status_of(served.version or 0)]})


@router.get("/{name}/metadata", openapi_extra=examples.METADATA)
@requires(Scope.PREDICT)
async def metadata(request: Request, name: str) -> Response:
    """Describe the tensors of the version that `live` points at, as TensorFlow Serving does."""
    return _metadata(await _meant(request, name, f"Latest({name})"))


@router.get("/{name}/versions/{version}/metadata", openapi_extra=examples.METADATA)
@requires(Scope.PREDICT)
async def version_metadata(request: Request, name: str, version: str) -> Response:
    """Describe the tensors of one version, as TensorFlow Serving does."""
    return _metadata(await _meant(request, name, f"Specific({name}, {version})", version=version))


@router.get("/{name}/labels/{label}/metadata", openapi_extra=examples.METADATA)
@requires(Scope.PREDICT)
async def label_metadata(request: Request, name: str, label: str) -> Response:
    """Describe the tensors of the version that an alias points at, as TensorFlow Serving does."""
    return _metadata(await _labelled(request, name, label))


def status_of(version: int) -> dict[str, Any]:
    """A version's state in TensorFlow Serving's words: all that is listed here can answer."""
    return {"version": str(version), "state": "AVAILABLE", "status": {"error_code": "OK", "error_message": ""}}


async def _meant(request: Request, name: str, asked: str, *, version: str | None = None) -> LoadedModel:
    try:
        return await find(request, name, version=version)
    except (NotFound, NothingToServe) as error:
        raise Missing(f"Servable not found for request: {asked}") from error


async def _labelled(request: Request, name: str, label: str) -> LoadedModel:
    """An unknown label is a 400 there, an unknown model a 404."""
    try:
        return await find(request, name, label=label)
    except NotFound as error:
        if error.kind == "alias":
            raise InvalidInput(f"Unrecognized servable version label: {label}") from error
        raise Missing(f"Servable not found for request: Latest({name})") from error


class Missing(NotFound):
    """No such servable, in TensorFlow Serving's words."""

    def __init__(self, text: str) -> None:
        super().__init__("servable", text)
        self.args = (text,)


async def _predict(request: Request, served: LoadedModel) -> Response:
    body, limits = await request.body(), state_of(request)["input_limits"]
    if len(body) <= QUICK_BYTES:
        rows, is_columnar = _read(body, limits)
    else:
        rows, is_columnar = await run_in_threadpool(_read, body, limits)
    outputs = await outputs_of(request, served, rows)
    return json_response({"outputs" if is_columnar else "predictions": outputs})


def _read(body: bytes, limits: InputLimits) -> tuple[Rows, bool]:
    """The rows of a request in either form, and whether it was the columnar one."""
    document = parse(body, limits, wanted=WANTED)
    given = document.keys() & {"instances", "inputs"} if type(document) is dict else set()
    if len(given) != 1 or not document.keys() <= {"instances", "inputs", "signature_name"}:
        raise InvalidInput(f"The body is a JSON object, {WANTED}, and may name a signature_name; nothing else.")
    if document.get("signature_name", SIGNATURE) != SIGNATURE:
        raise InvalidInput(f"There is one signature, {SIGNATURE!r}; asked for was {document['signature_name']!r}.")
    if "inputs" in given:
        return read_nested(_named(document["inputs"]), limits), True
    instances = document["instances"]
    if type(instances) is list and instances and all(type(each) is dict for each in instances):
        instances = [_named(each) for each in instances]
    return read_nested(instances, limits), False


def _named(value: Any) -> Any:
    """The tensor itself, where it was given under its name."""
    if type(value) is not dict:
        return value
    if value.keys() != {INPUT_NAME}:
        raise InvalidInput(f"The model has one input, {INPUT_NAME!r}; given were {sorted(value)[:8]}.")
    return value[INPUT_NAME]


def _metadata(served: LoadedModel) -> Response:
    signature = {
        "inputs": {INPUT_NAME: _tensor(INPUT_NAME, (-1, PIXELS))},
        "outputs": {OUTPUT_NAME: _tensor(OUTPUT_NAME, (-1, served.network.output_size))},
        "method_name": "tensorflow/serving/predict",
        "defaults": {},
    }
    spec = {"name": served.model, "signature_name": "", "version": str(served.version)}
    definition = {"signature_def": {"signature_def": {SIGNATURE: signature}}}
    return json_response({"model_spec": spec, "metadata": definition})


def _tensor(name: str, shape: Sequence[int]) -> dict[str, Any]:
    dim = [{"size": str(size), "name": ""} for size in shape]
    return {"dtype": "DT_FLOAT", "tensor_shape": {"dim": dim, "unknown_rank": False}, "name": f"{name}:0"}
