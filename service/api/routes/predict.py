"""Predictions: the hot path. Most requests are decoded and answered on the event loop, with no object per pixel."""

from collections.abc import Iterable
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, BeforeValidator, Field
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from naivenet.datasets import CLASSES
from service.api.access.scopes import requires
from service.api.dependencies import state_of
from service.api.fast_path.routes import JsonAnswer, PlainRoute, read_query
from service.api.http.languages import language_of, text_of
from service.api.http.query import split_at_commas
from service.api.http.request_info import header_of
from service.api.live.loaded_models import MAX_ON_EVENT_LOOP, model_at_alias, model_at_version
from service.api.schemas.predictions import JOB_PREDICT, PREDICT, PREDICT_FILE
from service.domain.key import Scope
from service.domain.model import DIGITS, LIVE_ALIAS
from service.errors import InvalidInput, MalformedBody, TooLarge
from service.inference.answers.activations import activations
from service.inference.answers.prediction_json import prediction_json, steps_json, trace_png
from service.inference.answers.predictor import TOP_K, Prediction
from service.inference.answers.registry import LoadedModel
from service.inference.answers.saliency import saliency
from service.inference.limits import InputLimits
from service.inference.pictures.report import AUTO, PreparationReport, Prepare, PrepareOptions
from service.inference.requests.batch import Batch, Row
from service.inference.requests.body import File, is_quick, media_type_of, read_body, read_files

#: How Starlette's errors begin for a form with too many files or fields, or too long a field.
OVER_LIMITS = ("Too many", "Part exceeded")

#: What the answer explains.
Explained = Annotated[tuple[Literal["saliency", "activations"], ...], BeforeValidator(split_at_commas)]
EXPLAIN = ("explain",)

router = APIRouter(tags=["predict"], route_class=PlainRoute)


class JobQuery(BaseModel, extra="forbid", frozen=True, defer_build=True):
    """The query parameters of a prediction by a job's weights."""

    top_k: Annotated[int, Field(ge=1, le=CLASSES)] = TOP_K
    prepare: Prepare = "auto"
    trace: bool = False
    explain: Explained = ()


class Query(JobQuery, frozen=True):
    """The query parameters of ``/v1/predict``."""

    model: str = Field(DIGITS, max_length=64)
    alias: str | None = Field(None, max_length=64)
    version: Annotated[int, Field(ge=1)] | None = None
    checkpoint: str | None = Field(None, max_length=64)
    job: str | None = Field(None, max_length=64)


_PLAIN_QUERY = Query()


@router.post("/v1/predict", openapi_extra=PREDICT)
@requires(Scope.PREDICT)
async def predict(request: Request) -> Response:
    """Recognise the digit in an image, or in each of several images.

    A form with one or more files, as of `predict_file`, is a body too.
    """
    query = _PLAIN_QUERY if not request.scope["query_string"] else _query(request)
    return await _predict(request, await _model(request, query), query)


@router.post("/v1/predict/file", openapi_extra=PREDICT_FILE)
@requires(Scope.PREDICT)
async def predict_file(request: Request) -> Response:
    """Recognise the digit in the image file of a form.

    This is `predict` for generated clients that know one kind of body for each operation.
    """
    return await predict(request)


@router.post("/v1/jobs/{job_id}/predict", openapi_extra=JOB_PREDICT)
@requires(Scope.PREDICT)
async def predict_by_job(request: Request, job_id: str) -> Response:
    """Recognise digits with a job's newest weights, also while it trains. Training does not slow down.

    A form with files is a body too: `predict_file` with `job`.
    """
    query = read_query(request, JobQuery, repeatable=EXPLAIN)
    model = await state_of(request)["live_weights"].newest(job_id)
    return await _predict(request, model, query)


async def _predict(request: Request, model: LoadedModel, query: JobQuery) -> Response:
    options = _options(query)
    batch = await _batch(request, options)
    state_of(request)["metrics"].count_predictions(model.model, model.version, len(batch))
    language = header_of(request.scope, b"accept-language")
    if len(batch) > MAX_ON_EVENT_LOOP or query.explain:
        return JsonAnswer(await run_in_threadpool(_predicted, model, batch, query, language))
    if len(batch) > 1 or options is not AUTO:
        return JsonAnswer(_predicted(model, batch, query, language))
    predictions = await state_of(request)["dynamic_batching"].predict(model.predictor, batch, top_k=query.top_k)
    return JsonAnswer(_answer(model, batch, predictions, query, language))


def _query(request: Request) -> Query:
    query = read_query(request, Query, repeatable=EXPLAIN)
    if len([each for each in (query.alias, query.version, query.checkpoint, query.job) if each is not None]) > 1:
        raise InvalidInput.at("query", "Give only one of alias, version, checkpoint and job.")
    return query


async def _model(request: Request, query: Query) -> LoadedModel:
    registry, store_threads = state_of(request)["registry"], state_of(request)["store_threads"]
    if query.job is not None:
        return await state_of(request)["live_weights"].newest(query.job)
    if query.version is not None:
        return await model_at_version(registry, store_threads, query.model, query.version)
    if query.checkpoint is not None:
        return await store_threads.run(registry.by_checkpoint, query.checkpoint)
    return await model_at_alias(registry, store_threads, query.model, query.alias or LIVE_ALIAS)


def _options(query: JobQuery) -> PrepareOptions:
    is_plain = query.prepare == "auto" and not query.trace
    return AUTO if is_plain else PrepareOptions(prepare=query.prepare, trace=query.trace)


async def _batch(request: Request, options: PrepareOptions) -> Batch:
    limits, content_type = state_of(request)["input_limits"], header_of(request.scope, b"content-type")
    if media_type_of(content_type) == "multipart/form-data":
        files, has_other_fields = await _files(request)
        return await run_in_threadpool(read_files, files, limits, options, has_other_fields=has_other_fields)
    body = await request.body()
    if is_quick(body, content_type):
        return read_body(body, content_type, limits, options)
    return await run_in_threadpool(_read_and_prepare, body, content_type, limits, options)


def _read_and_prepare(body: bytes, content_type: str | None, limits: InputLimits, options: PrepareOptions) -> Batch:
    batch = read_body(body, content_type, limits, options)
    batch.prepare()  # in this thread: many would hold up the event loop
    return batch


async def _files(request: Request) -> tuple[list[File], bool]:
    """Return the files of a form, and whether it has other fields too."""
    files, others = [], []
    for number, (name, part) in enumerate((await _form(request)).multi_items()):
        if isinstance(part, UploadFile):
            files.append(File(data=await part.read(), media_type=part.content_type, pointer=f"/{name}/{number}"))
        else:
            others.append(name)
    if others and not files:
        raise InvalidInput.at(f"/{others[0]}", "Send images as files, such as with curl -F file=@digit.png.")
    return files, bool(others)


async def _form(request: Request) -> FormData:
    try:
        return await request.form(max_files=state_of(request)["input_limits"].max_instances)
    except HTTPException as error:  # Starlette raises a 400 for every fault of a form
        kind = TooLarge if error.detail.startswith(OVER_LIMITS) else MalformedBody
        raise kind(f"The form cannot be read: {error.detail}") from None


def _predicted(model: LoadedModel, batch: Batch, query: JobQuery, accept_language: str | None) -> bytes:
    return _answer(model, batch, model.predictor.predict(batch, top_k=query.top_k), query, accept_language)


def _answer(
    model: LoadedModel, batch: Batch, predictions: list[Prediction], query: JobQuery, accept_language: str | None
) -> bytes:
    answers = list(map(prediction_json, predictions, batch.reports))
    if query.trace or query.explain:
        for row, report, answer in zip(batch.rows, batch.reports, answers, strict=True):
            _explain(answer, model, row, report, query)
    source = model.source()
    _translate_notes(answers, accept_language)
    return orjson.dumps({"predictions": answers, **source} if batch.many else {**answers[0], **source})


def _explain(answer: dict[str, Any], model: LoadedModel, row: Row, report: PreparationReport, query: JobQuery) -> None:
    """Add to an answer what the query asks for. Shapes: row: (784,)."""
    if query.trace:
        answer["trace"], answer["steps"] = trace_png(row), steps_json(report, row)
    if "activations" in query.explain:
        answer["activations"] = activations(model.network, row)
    if "saliency" in query.explain:
        answer["saliency"] = saliency(model.network, row).tolist()


def _translate_notes(answers: Iterable[dict[str, Any]], accept_language: str | None) -> None:
    """Put the notes into the language that the client prefers."""
    notes = [note for answer in answers for note in answer["input"]["notes"]]
    language = language_of(accept_language) if notes else "en"
    for note in notes:
        note["message"] = text_of(f"{note['kind']}.{note['code']}", note["message"], language)
