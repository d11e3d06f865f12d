"""TensorFlow Serving's REST API for every model: predict, status and metadata, by its published documentation."""

from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from service.api.access.scopes import requires
from service.api.dependencies import state_of
from service.api.fast_path.routes import segment
from service.api.protocols import examples
from service.api.protocols.common import ERRORS, ProtocolRoute, find, json_response, look_up, outputs_of, version_number
from service.api.protocols.tensorflow_answers import SIGNATURE, model_metadata, status_entry
from service.domain.key import Scope
from service.errors import InvalidInput, NotFound, NothingToServe
from service.inference.answers.registry import LoadedModel, version_of
from service.inference.limits import InputLimits
from service.inference.requests.body import QUICK_BYTES
from service.inference.requests.json_body import parse
from service.inference.requests.tensors import INPUT_NAME, Rows, read_nested


class _Route(ProtocolRoute):
    id_prefix = "tfs_"


router = APIRouter(prefix="/v1/models", tags=["TensorFlow Serving"], route_class=_Route, responses=ERRORS)

WANTED = '{"instances": [[784 numbers], ...]} or {"inputs": [[784 numbers], ...]}'


@router.post("/{name}:predict", openapi_extra=examples.PREDICT)
@requires(Scope.PREDICT)
async def predict_live(request: Request, name: str) -> Response:
    """Predict with the version that `live` points at, in TensorFlow Serving's format."""
    return await _predict(request, await _found(request, name, f"Latest({name})"))


@router.post("/{name}/versions/{version}:predict", openapi_extra=examples.PREDICT)
@requires(Scope.PREDICT)
async def predict_version(request: Request, name: str, version: str) -> Response:
    """Predict with one version, in TensorFlow Serving's format."""
    return await _predict(request, await _found(request, name, f"Specific({name}, {version})", version=version))


@router.post("/{name}/labels/{label}:predict", openapi_extra=examples.PREDICT)
@requires(Scope.PREDICT)
async def predict_label(request: Request, name: str, label: str) -> Response:
    """Predict with the version that an alias such as `latest` or `best` points at, in TensorFlow Serving's format."""
    return await _predict(request, await _labelled(request, name, label))


@router.get(f"/{{name}}/versions/{segment('version')}", openapi_extra=examples.STATUS)
@requires(Scope.PREDICT)
async def version_status(request: Request, name: str, version: str) -> Response:
    """Return the status of one version, in TensorFlow Serving's format."""
    try:
        number = version_number(name, version)
        version_of(await look_up(request, name), number)
    except NotFound as error:
        raise Missing(f"Could not find version {version} of model {name}") from error
    return json_response({"model_version_status": [status_entry(number)]})


@router.get(f"/{{name}}/labels/{segment('label')}", openapi_extra=examples.STATUS)
@requires(Scope.PREDICT)
async def label_status(request: Request, name: str, label: str) -> Response:
    """Return the status of the version that an alias points at, in TensorFlow Serving's format."""
    model = await _labelled(request, name, label)
    return json_response({"model_version_status": [status_entry(model.version or 0)]})


@router.get("/{name}/metadata", openapi_extra=examples.METADATA)
@requires(Scope.PREDICT)
async def metadata(request: Request, name: str) -> Response:
    """Return the metadata of the version that `live` points at, in TensorFlow Serving's format."""
    return _metadata(await _found(request, name, f"Latest({name})"))


@router.get("/{name}/versions/{version}/metadata", openapi_extra=examples.METADATA)
@requires(Scope.PREDICT)
async def version_metadata(request: Request, name: str, version: str) -> Response:
    """Return the metadata of one version, in TensorFlow Serving's format."""
    return _metadata(await _found(request, name, f"Specific({name}, {version})", version=version))


@router.get("/{name}/labels/{label}/metadata", openapi_extra=examples.METADATA)
@requires(Scope.PREDICT)
async def label_metadata(request: Request, name: str, label: str) -> Response:
    """Return the metadata of the version that an alias points at, in TensorFlow Serving's format."""
    return _metadata(await _labelled(request, name, label))


async def _found(request: Request, name: str, servable: str, *, version: str | None = None) -> LoadedModel:
    try:
        return await find(request, name, version=version)
    except (NotFound, NothingToServe) as error:
        raise Missing(f"Servable not found for request: {servable}") from error


async def _labelled(request: Request, name: str, label: str) -> LoadedModel:
    """In TensorFlow Serving an unknown label is a 400, an unknown model a 404."""
    try:
        return await find(request, name, label=label)
    except NotFound as error:
        if error.kind == "alias":
            raise InvalidInput(f"Unrecognized servable version label: {label}") from error
        raise Missing(f"Servable not found for request: Latest({name})") from error


class Missing(NotFound):
    """There is no such servable; the message is TensorFlow Serving's."""

    def __init__(self, text: str) -> None:
        super().__init__("servable", text)
        self.args = (text,)


async def _predict(request: Request, model: LoadedModel) -> Response:
    body, limits = await request.body(), state_of(request)["input_limits"]
    if len(body) <= QUICK_BYTES:
        rows, is_columnar = _read(body, limits)
    else:
        rows, is_columnar = await run_in_threadpool(_read, body, limits)
    outputs = await outputs_of(request, model, rows)
    return json_response({"outputs" if is_columnar else "predictions": outputs})


def _read(body: bytes, limits: InputLimits) -> tuple[Rows, bool]:
    """Return the rows of a request in either format, and whether it was the columnar one."""
    document = parse(body, limits, wanted=WANTED)
    given = document.keys() & {"instances", "inputs"} if type(document) is dict else set()
    if len(given) != 1 or not document.keys() <= {"instances", "inputs", "signature_name"}:
        raise InvalidInput(f"The body must be a JSON object, {WANTED}, with no other field than signature_name.")
    if document.get("signature_name", SIGNATURE) not in (SIGNATURE, ""):
        raise InvalidInput(
            f"signature_name must be {SIGNATURE!r}, the only signature, not {document['signature_name']!r}."
        )
    if "inputs" in given:
        return read_nested(_named(document["inputs"]), limits), True
    instances = document["instances"]
    if type(instances) is list and instances and all(type(each) is dict for each in instances):
        instances = [_named(each) for each in instances]
    return read_nested(instances, limits), False


def _named(value: Any) -> Any:
    """Return the tensor itself if *value* is an object with one tensor: the model has one input, whatever its name."""
    tensor = value
    if type(value) is dict and "b64" not in value:
        if len(value) != 1:
            raise InvalidInput(f"The model has one input, {INPUT_NAME!r}; the object has {sorted(value)[:8]}.")
        (tensor,) = value.values()
    if _is_file(tensor):
        raise InvalidInput('The model takes pixels, not files; POST {"image": base64} to /v1/predict.')
    return tensor


def _is_file(value: Any) -> bool:
    """Return whether a value, or the first one inside its lists, is a file in base64."""
    while type(value) is list and value:
        value = value[0]
    return type(value) is dict and "b64" in value


def _metadata(model: LoadedModel) -> Response:
    return json_response(model_metadata(model.model, model.version, output_size=model.network.output_size))
