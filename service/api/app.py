"""Builds the application: its routes, its middleware, and what lives as long as it does."""

import asyncio
import contextlib
import gc
import logging
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from secrets import token_hex
from typing import Any, TypedDict

import orjson
from asgi_correlation_id import CorrelationIdMiddleware
from fastapi import FastAPI
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp

from service.api.access import scopes
from service.api.access.api_keys import ApiKeys
from service.api.access.gate import Gate, check_gates
from service.api.access.rate_limits import RateLimits, StreamLimits
from service.api.fast_path.routes import put_in_front
from service.api.http import problems
from service.api.http.body import BodyLimit
from service.api.lifespan import on_stop
from service.api.live import metrics
from service.api.live.evaluator import Evaluations
from service.api.live.event_hub import EventHub
from service.api.live.live_weights import LiveWeights
from service.api.live.metrics import Metrics
from service.api.middleware.edges import with_edges
from service.api.middleware.observing import AccessLog, RequestTracing
from service.api.protocols import open_inference, tensorflow_serving
from service.api.routes import (
    charts,
    checkpoints,
    compare,
    events,
    health,
    history,
    jobs,
    models,
    options,
    page,
    predict,
    reference,
    webhooks,
)
from service.api.schemas.resources import AliasTarget, NewVersion
from service.api.supervisor import Supervisor
from service.charts import ChartRenderer
from service.composition import Services, compose
from service.domain.config import JobConfig
from service.domain.patch import JobPatch
from service.domain.webhook import NewWebhook
from service.exports.exporter import Exporter
from service.inference.answers.registry import Registry
from service.inference.requests.limits import InputLimits
from service.operations import tracing
from service.operations.memory import give_back_large_blocks
from service.operations.tracing import Tracing
from service.settings import Settings, words

logger = logging.getLogger(__name__)

UPLOAD_PATH = "/v1/checkpoints"
UNSEEN: tuple[type[BaseModel], ...] = (JobConfig, JobPatch, NewVersion, NewWebhook, AliasTarget, problems.Problem)
#: Schemas whose published name is not their class's: generated clients know them by it.
PUBLISHED_NAMES = {"WebhookEvent": "Happening", "DeliveryState": "State"}
_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")


class State(TypedDict):
    """What lives as long as the application, and reaches routes as ``request.state``."""

    services: Services
    gate: Gate
    registry: Registry
    hub: EventHub
    input_limits: InputLimits
    live_weights: LiveWeights
    exporter: Exporter
    evaluations: Evaluations
    studio: ChartRenderer
    supervisor: Supervisor | None


class App(FastAPI):
    """FastAPI, with a request id and security headers on every answer, also on that to an error nobody foresaw."""

    settings: Settings
    metrics: Metrics
    tracing: Tracing | None = None

    def build_middleware_stack(self) -> ASGIApp:
        """Put the request id outside of all else, and what observes next."""
        self.tracing = tracing.start("api")
        edged = with_edges(super().build_middleware_stack(), self.settings)
        return CorrelationIdMiddleware(
            AccessLog(
                RequestTracing(edged, self.tracing) if self.tracing else edged,
                metrics=self.metrics,
                level=self.settings.access_log,
            ),
            header_name="X-Request-ID",
            update_request_header=False,
            generator=lambda: token_hex(16),
            validator=lambda given: _REQUEST_ID.fullmatch(given) is not None,
            transformer=None,
        )

    def openapi(self) -> dict[str, Any]:
        """The document, with what FastAPI does not find by itself: bodies that routes read themselves, and problems.

        What it finds and is not so goes: a parameter may be left out, but is never null.
        """
        if self.openapi_schema is None:
            document = super().openapi()
            for model in UNSEEN:
                schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
                document["components"]["schemas"] |= {**schema.pop("$defs", {}), model.__name__: schema}
            for operation in (each for path in document["paths"].values() for each in path.values()):
                for parameter in operation.get("parameters", []):
                    parameter["schema"] = _without_null(parameter["schema"])
            document["components"]["securitySchemes"] = dict(scopes.SCHEMES)
            self.openapi_schema = _with_published_names(document)
        return self.openapi_schema or {}


def _with_published_names(document: dict[str, Any]) -> dict[str, Any]:
    text = orjson.dumps(document).decode()
    for name, published in PUBLISHED_NAMES.items():
        text = re.sub(rf'(?<=["/]){name}(?=")', published, text)
    renamed: dict[str, Any] = orjson.loads(text)
    return renamed


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """The one form that a schema has beside null."""
    forms = [form for form in schema.get("anyOf", []) if form != {"type": "null"}]
    rest = {name: value for name, value in schema.items() if name != "anyOf"}
    return rest | forms[0] if len(forms) == 1 else schema


def create_app(settings: Settings) -> FastAPI:
    """The application. Nothing is opened before it is started."""
    app = App(
        title="naivenet",
        summary="Train a neural network written from scratch, watch it learn, and let it read digits.",
        version="0.1.0",
        lifespan=_alive,
        docs_url=None,  # FastAPI's loads its scripts from another host; ours is in reference.py
        redoc_url=None,
        telemetry={
            "tracing": False,
            "metrics": False,
            "logs": False,
        },  # ours: service.operations.tracing, metrics, logs
    )
    app.settings, app.metrics = settings, Metrics()
    problems.install(app)
    app.add_middleware(
        BodyLimit, max_body_bytes=settings.max_body_bytes, uploads={UPLOAD_PATH: settings.max_upload_bytes}
    )
    # Routes are tried in this order, and each try costs
    parts = (predict, jobs, history, events, checkpoints, models, tensorflow_serving, open_inference, options, health)
    for part in (*parts, webhooks, metrics, charts, compare, page, reference):
        check_gates(part.router.routes)
        app.router.routes += part.router.routes  # included, they would be built anew with the first request
    put_in_front(app, predict.router, open_inference.router, tensorflow_serving.router)
    return app


@asynccontextmanager
async def _alive(app: App) -> AsyncIterator[State]:
    """While inside, all that requests are answered with is there."""
    settings = app.settings
    async with contextlib.AsyncExitStack() as stack:
        give_back_large_blocks()
        services = await run_in_threadpool(compose, settings)
        stack.callback(services.close)
        gate = _gate(services, settings)
        await stack.enter_async_context(gate.keyring.kept_fresh())
        registry = Registry(services.models, services.checkpoints, services.weights)
        await run_in_threadpool(registry.refresh)
        await stack.enter_async_context(_kept_fresh(registry, settings.model_refresh_s))
        hub = EventHub(services.events)
        await stack.enter_async_context(hub.reading())
        supervisor = stack.enter_context(Supervisor(settings)) if settings.trainer else None
        stack.enter_context(on_stop(hub.close, *([supervisor.stop] if supervisor else [])))
        if app.tracing:
            stack.callback(app.tracing.close)
        app.metrics.watch(services, hub)
        studio = ChartRenderer()
        stack.push_async_callback(studio.close)
        gc.freeze()  # what is there now stays: collections need not look at it again
        yield State(
            services=services,
            gate=gate,
            registry=registry,
            hub=hub,
            input_limits=_input_limits(settings),
            live_weights=LiveWeights(services, registry),
            exporter=Exporter(services),
            evaluations=Evaluations(services, registry),
            studio=studio,
            supervisor=supervisor,
        )


@asynccontextmanager
async def _kept_fresh(registry: Registry, interval_s: float) -> AsyncIterator[None]:
    """While inside, aliases that other processes move are noticed."""

    async def watch() -> None:
        while True:
            await asyncio.sleep(interval_s)
            try:
                await run_in_threadpool(registry.refresh)
            except Exception:  # the database may be away for a while; what is loaded goes on answering
                logger.exception("the models could not be looked up")

    task = asyncio.create_task(watch())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def _gate(services: Services, settings: Settings) -> Gate:
    return Gate(
        keyring=ApiKeys(services.keys, settings),
        rates=RateLimits(settings.resolved_max_requests_per_s),
        streams=StreamLimits(settings.resolved_max_streams_per_key),
        origins=frozenset(words(settings.cors_origins)),
    )


def _input_limits(settings: Settings) -> InputLimits:
    return InputLimits(max_pixels=settings.max_pixels, max_instances=settings.max_instances)
